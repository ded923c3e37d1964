"""Which format a model's file is of, by its content and else by its name; a pickle is never opened.

Rules
- What content says comes before a name: a safetensors file is one by its length and its brace.
- A pickle can run anything when it is loaded. That a file is one, or holds one, is a finding; it is
  known by its first bytes, by the names in its archive, and else by its own name.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from bot.passport.headers import gguf, onnx, safetensors
from bot.passport.headers.header import Fault, Header, Source

PICKLE = "pickle"
OTHER = "other"
_READERS: Mapping[str, Callable[[Source], Header]] = {
    safetensors.FORMAT: safetensors.read,
    gguf.FORMAT: gguf.read,
    onnx.FORMAT: onnx.read,
}
_SUFFIXES = {
    ".safetensors": safetensors.FORMAT,
    ".gguf": gguf.FORMAT,
    ".onnx": onnx.FORMAT,
}
_SUFFIXES_OF_PICKLES = (".pkl", ".pickle", ".joblib", ".pt", ".pth", ".ckpt")
_START = 4096  # bytes that tell what a file is
_PROTOCOLS = tuple(bytes((0x80, number)) for number in range(2, 6))
_ZIP, _NUMPY, _OBJECTS = b"PK\x03\x04", b"\x93NUMPY", b"|O"
_END = 1024 * 1024  # of an archive, which lists its members last
_INSIDE = (b".pkl", b".pickle")


def header_of(path: Path) -> Header:
    """What a file's header says. OSError."""
    with path.open("rb") as file:
        source = Source(file)
        start = source.some(0, _START)
        known = _format(start, source.size, path.suffix.lower())
        if known:
            return _READERS[known](source)
        if _is_pickle(start, source, path.suffix.lower()):
            return Header(PICKLE, faults=(Fault(0, "a pickle: to load it can run anything"),))
        return Header(OTHER)


def _format(start: bytes, size: int, suffix: str) -> str | None:
    if start.startswith(gguf.MAGIC):
        return gguf.FORMAT
    length = int.from_bytes(start[: safetensors.LENGTH_BYTES], "little")
    if start[safetensors.LENGTH_BYTES :].startswith(b"{") and length <= size:
        return safetensors.FORMAT
    return _SUFFIXES.get(suffix)


def _is_pickle(start: bytes, source: Source, suffix: str) -> bool:
    if suffix in _SUFFIXES_OF_PICKLES or start.startswith(_PROTOCOLS):
        return True
    if start.startswith(_NUMPY):
        return _OBJECTS in start
    if not start.startswith(_ZIP):
        return False
    end = source.some(max(0, source.size - _END), _END)
    return any(name in start or name in end for name in _INSIDE)
