"""The place of a passport within a safetensors file: put in, taken out again.

Rules
- The tensors' bytes stay as they are and where they are aligned: what is put in is a multiple of
  eight bytes long, by blanks behind the passport.
- Whoever takes it out has the file from before, byte for byte.
- A file is written anew beside the old one, which it replaces once it is whole.
"""

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import BinaryIO

from bot.passport.headers import safetensors
from bot.passport.headers.header import HEADER_MOST, Header, Source
from bot.passport.headers.safetensors import LENGTH_BYTES, PASSPORT

ALIGNED = 8
_PIECE = 4 * 1024 * 1024
_METADATA = b'"__metadata__":'


class SlotError(Exception):
    """A passport can't be put into this file; the message says why."""


def put_in(path: Path, text: str) -> None:
    """Put a passport, JSON, into a file's header, in place of the one there. SlotError, OSError."""
    with path.open("rb") as file:
        header, data = _header(path, file)
        bare = _without(header, data)
        _replace(path, file, _with(bare, text), header)


def take_out(path: Path) -> None:
    """Leave the file as it was before one was put in. SlotError where there is none, OSError."""
    with path.open("rb") as file:
        header, data = _header(path, file)
        if header.slot is None:
            raise SlotError(f"{path.name} has no passport in it")
        _replace(path, file, _without(header, data), header)


def _header(path: Path, file: BinaryIO) -> tuple[Header, bytes]:
    """A sound header, and its bytes without their length."""
    source = Source(file)
    header = safetensors.read(source)
    if header.faults or header.data_start is None:
        why = header.faults[0].what if header.faults else "it has no header"
        raise SlotError(f"{path.name} is no sound safetensors file: {why}")
    return header, source.some(LENGTH_BYTES, header.data_start - LENGTH_BYTES)


def _without(header: Header, data: bytes) -> bytes:
    slot = header.slot
    if slot is None:
        return data
    return data[: slot.start - LENGTH_BYTES] + data[slot.end - LENGTH_BYTES :]


def _with(bare: bytes, text: str) -> bytes:
    """The header's bytes with the passport first in `__metadata__`, which is made where it isn't.

    The one place that decides what `headers.safetensors` recognizes.
    """
    at, made = _place(bare)
    is_empty = bare[at:].lstrip(b" \t\n\r").startswith(b"}")
    comma = b"" if is_empty else b","

    def member(written: str) -> bytes:
        value = json.dumps(PASSPORT).encode() + b":" + json.dumps(written).encode()
        return _METADATA + b"{" + value + b"}" if made else value

    start = " " if made else ""
    length = len(member(start + text) + comma)
    put = member(start + text + " " * (-length % ALIGNED)) + comma
    whole = bare[:at] + put + bare[at:]
    if len(whole) > HEADER_MOST:
        raise SlotError(f"the header would have {len(whole):,} bytes, at most {HEADER_MOST:,}")
    return whole


def _place(bare: bytes) -> tuple[int, bool]:
    """Where a passport goes, and whether `__metadata__` is made for it."""
    opening = safetensors.metadata_start(bare)
    return (1, True) if opening is None else (opening + 1, False)


def _replace(path: Path, file: BinaryIO, data: bytes, header: Header) -> None:
    """Write the file with this header and the tensors that it has; then put it in its place."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(len(data).to_bytes(LENGTH_BYTES, "little"))
            out.write(data)
            file.seek(header.data_start or 0)
            shutil.copyfileobj(file, out, _PIECE)
            out.flush()
            os.fsync(out.fileno())
        shutil.copymode(path, name)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
