"""A picture of a page made small: a palette of at most 256 colours, and the best compression.

A page has few colours but for the edges of its letters: the rare ones become their nearest.
"""

import struct
import zlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

COLOURS = 256
RGB, PALETTE, HEAD = 2, 3, ">IIBBBBB"
SIGNATURE = b"\x89PNG\r\n\x1a\n"
Bytes = NDArray[np.uint8]


def small(png: bytes) -> bytes:
    """The same picture; it has to be one of eight bits a colour, without transparency."""
    chunks = list(_chunks(png))
    width, height, *form = struct.unpack(HEAD, chunks[0][1])
    assert form[:2] == [8, RGB], form
    data = zlib.decompress(b"".join(body for kind, body in chunks if kind == b"IDAT"))
    colours, where, counts = np.unique(
        _pixels(data, width, height), axis=0, return_inverse=True, return_counts=True
    )
    usual = np.sort(np.argsort(-counts, kind="stable")[:COLOURS])
    apart = np.abs(colours[:, None].astype(int) - colours[usual][None].astype(int)).sum(axis=2)
    indexes = apart.argmin(axis=1).astype(np.uint8)[where].reshape(height, width)
    rows = np.insert(indexes, 0, 0, axis=1)  # each row as it is
    head = struct.pack(HEAD, width, height, 8, PALETTE, 0, 0, 0)
    written = ((b"IHDR", head), (b"PLTE", colours[usual].tobytes()))
    packed = ((b"IDAT", zlib.compress(rows.tobytes(), 9)), (b"IEND", b""))
    return SIGNATURE + b"".join(_chunk(*each) for each in (*written, *packed))


def _pixels(data: bytes, width: int, height: int) -> Bytes:
    rows = np.frombuffer(data, np.uint8).reshape(height, 1 + 3 * width)
    above, shown = np.zeros(3 * width, np.uint8), []
    for row in rows:
        above = _unfiltered(int(row[0]), row[1:], above)
        shown.append(above)
    return np.stack(shown).reshape(-1, 3)


def _unfiltered(kind: int, row: Bytes, above: Bytes) -> Bytes:
    """PNG's filters, by their numbers: none, sub, up, average, Paeth."""
    if kind == 0:
        return row
    if kind == 1:
        return row.reshape(-1, 3).cumsum(axis=0, dtype=np.uint8).reshape(-1)
    if kind == 2:
        return row + above
    left, up, corner = [0, 0, 0], above.tolist(), [0, 0, 0, *above.tolist()]
    for at, value in enumerate(row.tolist()):
        a, b, c = left[at], up[at], corner[at]
        nearest = (a + b) // 2 if kind == 3 else _paeth(a, b, c)
        left.append(value + nearest & 255)
    return np.array(left[3:], np.uint8)


def _paeth(a: int, b: int, c: int) -> int:
    to_a, to_b, to_c = abs(b - c), abs(a - c), abs(a + b - 2 * c)
    if to_a <= to_b and to_a <= to_c:
        return a
    return b if to_b <= to_c else c


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(SIGNATURE)
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        yield kind, png[at + 8 : at + 8 + length]
        at += 12 + length


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
