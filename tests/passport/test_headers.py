"""What headers say is read, and one that lies is found, with the place where it does."""

import json
import struct
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.passport.headers.header import FAULTS_MOST, HEADER_MOST, MEMORY_MOST, PARTS_MOST, Header
from bot.passport.headers.kinds import header_of
from tests.passport import files

FORMATS = {
    "m.safetensors": files.safetensors(says={"format": "pt"}),
    "m.onnx": files.onnx(files.field(9, files.FLOATS), says={"trained_on": "tickets"}),
    "m.gguf": files.gguf({"general.name": "ranker", "general.alignment": 32, "tokens": ["a", "b"]}),
}


def _read(folder: Path, name: str, data: bytes) -> Header:
    return header_of(files.write(folder, name, data))


def _faults(folder: Path, name: str, data: bytes) -> list[tuple[int, str]]:
    return [(each.offset, each.what) for each in _read(folder, name, data).faults]


def _of(name: str, count: int, begin: int, end: int, dtype: str = "U8") -> str:
    """A tensor in a header, with a comma."""
    return f'"{name}":{{"dtype":"{dtype}","shape":[{count}],"data_offsets":[{begin},{end}]}},'


def test_a_sound_header_says_what_its_writer_wrote(tmp_path: Path) -> None:
    said = {name: _read(tmp_path, name, data) for name, data in FORMATS.items()}
    assert [each.faults for each in said.values()] == [(), (), ()]
    assert said["m.safetensors"].says == {"format": "pt"}
    assert said["m.safetensors"].tensors == 2
    onnx = {"ir_version": "9", "producer_name": "trainer", "metadata.trained_on": "tickets"}
    assert said["m.onnx"].says == onnx
    assert said["m.gguf"].says == {"general.name": "ranker", "general.alignment": "32"}


def test_what_a_file_is_its_content_says_before_its_name(tmp_path: Path) -> None:
    assert _read(tmp_path, "m.bin", FORMATS["m.gguf"]).format == "gguf"
    assert _read(tmp_path, "m.pt", FORMATS["m.safetensors"]).format == "safetensors"
    assert _read(tmp_path, "m.safetensors", b"short").faults


@pytest.mark.parametrize(
    ("header", "data", "at", "words"),
    [
        (_of("a", 8, 0, 8) * 2, 8, 9 + 52, "twice"),
        (_of("a", 8, 0, 16), 8, 9, "of 8 bytes"),
        (_of("a", 9, 0, 8), 8, 9, "not its shape's"),
        (_of("a", 8, 0, 8, "X9"), 8, 9, "unknown type X9"),
        (_of("a", 8, 8, 0), 8, 9, "8 to 0"),
        (_of("a", 6, 0, 6) + _of("b", 4, 4, 8), 8, 9 + 52, "overlaps"),
        (_of("a", 2, 0, 2) + _of("b", 4, 4, 8), 8, 9 + 52, "gap"),
        (_of("a", 2, 0, 2), 8, 8, "the file has 8"),
        ('"__metadata__":{"a":1}', 0, 29, "a text in quotes"),
        ('"__metadata__":{"a":"1","a":"2"}', 0, 33, "twice"),
        ('"a":{"dtype":"U8","shape":[1],"shape":[1],"data_offsets":[0,1]}', 1, 9, "twice"),
        ('"a":[[[[[[[[[[', 0, 13, "dtype, shape and data_offsets"),
        ('"a" {', 0, 9, "a colon"),
    ],
)
def test_a_safetensors_header_that_lies_is_found_with_its_place(
    tmp_path: Path, header: str, data: int, at: int, words: str
) -> None:
    whole = files.with_header("{" + header.rstrip(",") + "}", bytes(data))
    found = _faults(tmp_path, "m.safetensors", whole)
    assert any(offset == at and words in what for offset, what in found), found


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (struct.pack("<Q", 2**63) + b"{}", "at most"),
        (struct.pack("<Q", 100) + b"{}", "in a file of 10"),
        (struct.pack("<Q", 4) + b"{}\xff\xff", "isn't UTF-8"),
        (struct.pack("<Q", 6) + b"{}  {}", "behind the header"),
        (b"", "in a file of 0"),
    ],
)
def test_a_safetensors_file_whose_header_isnt_there_is_found(
    tmp_path: Path, data: bytes, words: str
) -> None:
    found = _faults(tmp_path, "m.safetensors", data)
    assert any(words in what for _, what in found), found


@pytest.mark.parametrize(
    ("location", "words"),
    [("../w", "isn't beside"), ("/etc/w", "isn't beside"), ("", "isn't beside"), ("a\\b", "isn't")],
)
def test_a_tensor_that_lies_elsewhere_is_found(tmp_path: Path, location: str, words: str) -> None:
    found = _faults(tmp_path, "m.onnx", files.onnx(files.external(location)))
    assert any(words in what for _, what in found), found


def test_tensors_in_other_files_are_known_wherever_they_are_named(tmp_path: Path) -> None:
    inner = files.field(5, files.external("inner.bin", offset=4, length=8))
    node = files.field(1, files.field(5, files.field(6, inner)))
    header = _read(tmp_path, "m.onnx", files.onnx(files.external("w.bin"), nodes=node))
    assert [(each.location, each.offset, each.length) for each in header.external] == [
        ("inner.bin", 4, 8),
        ("w.bin", 0, None),
    ]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (struct.pack("<4sIQQ", b"GGUF", 3, 2**60, 0), "tensors, at most"),
        (struct.pack("<4sIQQ", b"GGUF", 9, 0, 0), "version 9"),
        (struct.pack("<4sIQQQ", b"GGUF", 3, 0, 1, 2**60), "a key of"),
        (files.gguf({"general.alignment": 0}), "general.alignment is 0"),
        (files.gguf({}, {"a": 0, "b": 0}), "two tensors begin at 0"),
        (files.gguf({}, {"a": 7}), "aligned to 32"),
        (files.gguf({}, {"a": 4096}), "a tensor at 4,096"),
    ],
)
def test_a_gguf_header_that_lies_is_found(tmp_path: Path, data: bytes, words: str) -> None:
    found = _faults(tmp_path, "m.gguf", data)
    assert any(words in what for _, what in found), found


@pytest.mark.parametrize(
    "data",
    [
        b"\x80\x04K\x01.",
        b"PK\x03\x04" + bytes(26) + b"archive/data.pkl",
        b"PK\x03\x04" + bytes(100) + b"weights.pkl",
        b"\x93NUMPY\x01\x00v\x00{'descr': '|O', }",
    ],
)
def test_a_pickle_is_known_whatever_it_is_called(tmp_path: Path, data: bytes) -> None:
    header = _read(tmp_path, "weights.bin", data)
    assert (header.format, [each.what for each in header.faults]) == (
        "pickle",
        ["a pickle: to load it can run anything"],
    )


@pytest.mark.parametrize("name", FORMATS)
@given(data=st.data())
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_bytes_make_a_reader_fail(tmp_path: Path, name: str, data: st.DataObject) -> None:
    """Some are changed, some are cut off, some are added."""
    whole = bytearray(FORMATS[name])
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(0, len(whole)))
    header = _read(tmp_path, name, bytes(whole[:end]) + data.draw(st.binary(max_size=20)))
    assert len(header.faults) <= FAULTS_MOST + 1


SHARE = 4  # of what a header may have: it grows by what it has, and tracing is slow


def _many_tensors() -> bytes:
    one = '"{:x}":{{"dtype":"U8","shape":[],"data_offsets":[0,0]}}'
    count = PARTS_MOST // SHARE
    return files.with_header("{" + ",".join(one.format(number) for number in range(count)) + "}")


def _many_texts() -> bytes:
    texts = ",".join(f'"{number:x}":"\U0001f600"' for number in range(HEADER_MOST // 60))
    return files.with_header('{"__metadata__":{' + texts + "}}")


def _sparse(path: Path, start: bytes, size: int) -> Path:
    with path.open("wb") as out:
        out.write(start)
        out.truncate(size)
    return path


@pytest.mark.parametrize(
    ("make", "share"), [(_many_tensors, SHARE), (_many_texts, 1), (lambda: bytes(8), 1)]
)
def test_no_header_makes_a_reader_hold_more_than_the_limit(
    tmp_path: Path, make: object, share: int
) -> None:
    data = make()  # type: ignore[operator] # one of those above
    path = _sparse(tmp_path / "m.safetensors", data, 20 * 2**30)
    del data
    tracemalloc.start()
    header_of(path)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < MEMORY_MOST // share


def test_more_tensors_than_are_looked_at_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.passport.headers.safetensors.PARTS_MOST", 1)
    found = _faults(tmp_path, "m.safetensors", files.safetensors())
    assert [what for _, what in found] == ["more than 1 tensors"]


def test_a_gigabyte_of_json_isnt_read(tmp_path: Path) -> None:
    start = struct.pack("<Q", 2**30) + b'{"a":'
    header = header_of(_sparse(tmp_path / "m.safetensors", start, 2**31))
    assert [each.offset for each in header.faults] == [8]
    assert json.dumps(header.says) == "{}"
