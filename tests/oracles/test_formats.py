"""Files by the formats' own writers are read as they are, and stay what they are to them."""

from pathlib import Path
from typing import Any

import pytest

from bot.passport import slot
from bot.passport.artifact import artifact
from bot.passport.digests import digests, root_digest
from bot.passport.headers.kinds import header_of
from tests.passport import files

np: Any = pytest.importorskip("numpy")


def test_a_safetensors_file_is_sound_and_stays_so_with_a_passport_in_it(tmp_path: Path) -> None:
    saving: Any = pytest.importorskip("safetensors.numpy")
    opening: Any = pytest.importorskip("safetensors")
    path = tmp_path / "m.safetensors"
    tensors = {
        "a": np.arange(12, dtype=np.float32).reshape(3, 4),
        "b": np.zeros((2,), np.int8),
        "empty": np.zeros((0,), np.float16),
    }
    for says in ({"format": "pt", "é": 'a "word"'}, None):
        saving.save_file(tensors, path, says)
        before, header = path.read_bytes(), header_of(path)
        assert (header.faults, header.tensors, header.says) == ((), 3, says or {})
        slot.put_in(path, '{"payload":"x"}')
        with opening.safe_open(path, "np") as file:
            assert file.metadata()["warroom.passport"].strip() == '{"payload":"x"}'
        loaded = saving.load_file(path)
        assert all((loaded[name] == each).all() for name, each in tensors.items())
        slot.take_out(path)
        assert path.read_bytes() == before


def test_an_onnx_model_says_what_it_is_and_where_its_tensors_are(tmp_path: Path) -> None:
    onnx: Any = pytest.importorskip("onnx")
    made, kind = onnx.helper, onnx.TensorProto.FLOAT
    weights = onnx.numpy_helper.from_array(np.ones((64, 64), np.float32), "w")
    graph = made.make_graph(
        [made.make_node("MatMul", ["x", "w"], ["y"])],
        "g",
        [made.make_tensor_value_info("x", kind, [1, 64])],
        [made.make_tensor_value_info("y", kind, [1, 64])],
        [weights],
    )
    model = made.make_model(graph, producer_name="acme")
    onnx.helper.set_model_props(model, {"license": "mit"})
    path = tmp_path / "m.onnx"
    onnx.save(model, path)
    header = header_of(path)
    assert (header.faults, header.tensors, header.says["metadata.license"]) == ((), 1, "mit")
    onnx.save(model, path, save_as_external_data=True, location="w.bin", size_threshold=0)
    found = artifact(path)
    assert (list(found.files), found.faults) == (["m.onnx", "w.bin"], ())


def test_a_gguf_file_says_what_it_is(tmp_path: Path) -> None:
    gguf: Any = pytest.importorskip("gguf")
    path = tmp_path / "m.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("ranker")
    writer.add_array("tokenizer.ggml.tokens", ["a", "b"] * 1000)
    for name in ("v", "w"):
        writer.add_tensor(name, np.ones((32, 5), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    header = header_of(path)
    assert (header.faults, header.tensors, header.says["general.name"]) == ((), 2, "ranker")


def test_a_folder_has_the_digest_that_model_signing_signs(tmp_path: Path) -> None:
    hashing: Any = pytest.importorskip("model_signing.hashing")
    signing: Any = pytest.importorskip("model_signing._signing.signing")
    folder = tmp_path / "ranker"
    for name in ("model.safetensors", "a/b.json", "Z.txt", ".gitignore", "a/.gitignore"):
        files.write(folder, name, files.safetensors() if "safe" in name else name.encode())
    config = hashing.Config().set_ignored_paths(paths=[], ignore_git_paths=True)
    statement = signing.Payload(config.hash(folder)).statement
    found = digests(artifact(folder))
    assert statement.pb.subject[0].digest["sha256"] == root_digest(list(found.values()))
