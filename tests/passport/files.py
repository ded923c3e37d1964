"""Model files as their formats' own writers lay them out, small and made by hand."""

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FLOATS = struct.pack("<4f", 1, 2, 3, 4)


def safetensors(
    tensors: Mapping[str, bytes] | None = None, says: Mapping[str, str] | None = None
) -> bytes:
    """A safetensors file with these tensors of four-byte floats."""
    header: dict[str, Any] = {} if says is None else {"__metadata__": dict(says)}
    end = 0
    held = {"a": FLOATS, "b": FLOATS[:8]} if tensors is None else tensors
    for name, data in held.items():
        offsets = [end, end + len(data)]
        header[name] = {"dtype": "F32", "shape": [len(data) // 4], "data_offsets": offsets}
        end += len(data)
    return with_header(json.dumps(header, separators=(",", ":")), b"".join(held.values()))


def with_header(text: str, data: bytes = b"") -> bytes:
    """A safetensors file with this header, padded as its writers pad it."""
    header = text.encode()
    header += b" " * (-len(header) % 8)
    return struct.pack("<Q", len(header)) + header + data


def varint(number: int) -> bytes:
    """A number as protobuf writes it."""
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes((*out, number))


def field(number: int, value: int | str | bytes) -> bytes:
    """A field of a message."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def pair(key: str, value: str) -> bytes:
    """Key and value, as ONNX has them."""
    return field(1, key) + field(2, value)


def external(location: str, **said: int) -> bytes:
    """A tensor whose bytes lie in another file."""
    entries = {"location": location, **{name: str(value) for name, value in said.items()}}
    data = b"".join(field(13, pair(key, value)) for key, value in entries.items())
    return field(8, "w") + field(14, 1) + data


def onnx(*tensors: bytes, says: Mapping[str, str] | None = None, nodes: bytes = b"") -> bytes:
    """An ONNX file whose graph has these tensors."""
    graph = nodes + b"".join(field(5, tensor) for tensor in tensors)
    properties = b"".join(field(14, pair(key, value)) for key, value in (says or {}).items())
    return field(1, 9) + field(2, "trainer") + field(7, graph) + properties


def _text(text: str) -> bytes:
    return struct.pack("<Q", len(text.encode())) + text.encode()


def gguf(
    says: Mapping[str, Any], tensors: Mapping[str, int] | None = None, data: int = 64
) -> bytes:
    """A GGUF file with these keys (texts, numbers, lists of texts) and tensors at these offsets."""
    held = {"w": 0} if tensors is None else tensors
    out = struct.pack("<4sIQQ", b"GGUF", 3, len(held), len(says))
    for key, value in says.items():
        out += _text(key)
        if isinstance(value, str):
            out += struct.pack("<I", 8) + _text(value)
        elif isinstance(value, int):
            out += struct.pack("<II", 4, value)
        else:
            out += struct.pack("<IIQ", 9, 8, len(value)) + b"".join(map(_text, value))
    for name, offset in held.items():
        out += _text(name) + struct.pack("<IQIQ", 1, 4, 0, offset)
    return out + bytes(-len(out) % 32) + bytes(data)


def write(folder: Path, name: str, data: bytes) -> Path:
    """The file."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path
