"""Which files are one model, and their digest: each byte of each counts, but a passport's own."""

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.passport import slot
from bot.passport.artifact import Artifact, artifact
from bot.passport.digests import Known, digests, root_digest
from tests.passport import files


def _digest(path: Path, known: Known | None = None) -> str:
    return root_digest(list(digests(artifact(path), known).values()))


def _what(found: Artifact) -> list[str]:
    return [str(each) for each in found.faults]


def _folder(tmp_path: Path) -> Path:
    folder = tmp_path / "ranker"
    files.write(folder, "model.safetensors", files.safetensors())
    files.write(folder, "config/config.json", b"{}")
    files.write(folder, ".git/config", b"[core]")
    files.write(folder, ".gitattributes", b"*.bin lfs")
    return folder


def test_a_folder_is_its_files_but_gits_and_its_digest_that_of_model_signing(
    tmp_path: Path,
) -> None:
    folder = _folder(tmp_path)
    found = artifact(folder)
    assert list(found.files) == ["config/config.json", "model.safetensors"]
    raw = [hashlib.sha256(path.read_bytes()).digest() for path in found.files.values()]
    assert _digest(folder) == hashlib.sha256(b"".join(raw)).hexdigest()


def test_a_file_has_the_digest_that_everybody_computes(tmp_path: Path) -> None:
    path = files.write(tmp_path, "m.gguf", files.gguf({}))
    assert _digest(path) == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_link_is_found_and_not_followed(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    (folder / "latest").symlink_to(tmp_path)
    (folder / "weights").symlink_to(folder / "model.safetensors")
    found = artifact(folder)
    assert _what(found) == [
        "latest: a symbolic link, which isn't followed",
        "weights: a symbolic link, which isn't followed",
    ]


def test_who_names_one_shard_has_named_them_all(tmp_path: Path) -> None:
    names = [f"m-0000{number}-of-00003.safetensors" for number in (1, 2, 3)]
    for name in names:
        files.write(tmp_path, name, files.safetensors())
    index = {"weight_map": {"a": names[0], "b": names[1], "c": names[2], "d": "../x"}}
    files.write(tmp_path, "m.safetensors.index.json", json.dumps(index).encode())
    whole = [*names, "m.safetensors.index.json"]
    assert list(artifact(tmp_path / names[1]).files) == whole
    found = artifact(tmp_path / "m.safetensors.index.json")
    assert list(found.files) == whole
    assert _what(found) == ["m.safetensors.index.json: it names '../x', which isn't beside it"]
    (tmp_path / names[2]).unlink()
    missing = f"{names[2]}: it belongs to the model, and isn't there"
    assert missing in _what(artifact(tmp_path / names[0]))


def test_the_files_in_which_an_onnx_model_has_its_tensors_belong_to_it(tmp_path: Path) -> None:
    tensors = (
        files.external("w.bin", offset=0, length=4),
        files.external("w.bin", offset=4, length=8),
        files.external("gone.bin"),
    )
    path = files.write(tmp_path, "m.onnx", files.onnx(*tensors))
    files.write(tmp_path, "w.bin", bytes(8))
    found = artifact(path)
    assert list(found.files) == ["m.onnx", "w.bin"]
    assert [each.what for each in found.faults] == [
        "a tensor lies at 4 to 12 of w.bin, which is shorter",
        "a tensor lies in gone.bin, which isn't there",
    ]


MODELS = {
    "m.safetensors": files.safetensors(says={"format": "pt"}),
    "m.onnx": files.onnx(files.external("w.bin")),
    "m.gguf": files.gguf({"general.name": "ranker"}),
    "w.bin": bytes(range(32)),
}


@given(data=st.data())
@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_changed_byte_of_any_file_changes_the_digest(
    tmp_path: Path, data: st.DataObject
) -> None:
    """With what was hashed before remembered, too."""
    folder, known = tmp_path / "whole", Known()
    for name, content in MODELS.items():
        files.write(folder, name, content)
    before = _digest(folder, known)
    name = data.draw(st.sampled_from(sorted(MODELS)))
    changed = bytearray(MODELS[name])
    changed[data.draw(st.integers(0, len(changed) - 1))] ^= data.draw(st.integers(1, 255))
    files.write(folder, name, bytes(changed))
    assert _digest(folder, known) != before


HEADERS = (
    "{}",
    "{ }",
    '{"__metadata__":{}}',
    '{"__metadata__": { } }  ',
    '{"__metadata__":{"format":"pt"}}',
    '{ "__metadata__" : {"a":"1","b":"\\u00e9"} }',
    '{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"__metadata__":{"z":"2"}}',
    '{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}',
)


@pytest.mark.parametrize("header", HEADERS)
@given(text=st.text(min_size=1).filter(lambda text: not text.startswith(" ")))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_is_put_in_and_taken_out_again_leaves_the_identical_file(
    tmp_path: Path, header: str, text: str
) -> None:
    before = files.with_header(header)
    path = files.write(tmp_path, "m.safetensors", before)
    digest = _digest(path)
    for each in (text, f"{text} once more"):
        slot.put_in(path, each)
        found = artifact(path)
        there = found.headers["m.safetensors"].slot
        assert there is not None
        assert (there.text.strip(" "), found.faults) == (each.strip(" "), ())
        assert _digest(path) == digest
        assert path.stat().st_size % 8 == 0
    slot.take_out(path)
    assert path.read_bytes() == before


def test_the_tensors_stay_and_a_changed_one_is_found(tmp_path: Path) -> None:
    path = files.write(tmp_path, "m.safetensors", files.safetensors(says={"format": "pt"}))
    digest = _digest(path)
    slot.put_in(path, "{}")
    assert path.read_bytes().endswith(files.FLOATS + files.FLOATS[:8])
    changed = bytearray(path.read_bytes())
    changed[-1] ^= 1
    path.write_bytes(bytes(changed))
    assert _digest(path) != digest


def test_nothing_is_put_into_a_file_that_lies_or_is_none(tmp_path: Path) -> None:
    for data in (b"", files.gguf({}), files.safetensors() + b"more"):
        path = files.write(tmp_path, "m.safetensors", data)
        with pytest.raises(slot.SlotError):
            slot.put_in(path, "{}")
        assert path.read_bytes() == data
    assert [each.name for each in tmp_path.iterdir()] == ["m.safetensors"]


def test_what_was_hashed_once_isnt_read_again_unless_it_was_changed_lately(
    tmp_path: Path,
) -> None:
    path = files.write(tmp_path, "m.gguf", files.gguf({}))
    kept, now = tmp_path / "cache" / "digests", path.stat().st_ctime_ns
    digest = _digest(path, Known(kept, now))
    assert not kept.exists()
    later = now + 10**10
    assert _digest(path, Known(kept, later)) == digest
    (line,) = kept.read_text().splitlines()
    kept.write_text(line.replace(digest, "0" * 64) + "\nbroken")
    assert _digest(path, Known(kept, later)) == "0" * 64
    path.write_bytes(files.gguf({"general.name": "x"}))
    assert _digest(path, Known(kept, later)) not in (digest, "0" * 64)
