"""Proofs of inclusion and consistency (RFC 9162, 2.1.3.1 and 2.1.4.1), from stored nodes.

Rules
- A proof is a list of hashes of ranges of leaves. Which ranges, follows from the sizes alone: what
  is needed is asked for once, all of it together, and is O(log n).
- A range is one stored node, or at the right edge of a tree several that are joined.
"""

from collections.abc import Callable, Mapping, Sequence

from bot.evidence.tree import EMPTY_ROOT, Place, joined

Read = Callable[[Sequence[Place]], Mapping[Place, bytes]]
"""Answers with the hash of each place that it is asked for; one without is a KeyError."""

_Range = tuple[int, int]  # the first leaf, and the one behind the last


def root_at(size: int, read: Read) -> bytes:
    """The root of the first `size` leaves, 32 bytes."""
    return _hashes([(0, size)], read)[0] if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, read: Read) -> list[bytes]:
    """The hashes that lead from a leaf to the root of `size` leaves, the leaf's sibling first.

    ValueError where there is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree of {size}")
    ranges: list[_Range] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return _hashes(ranges[::-1], read)


def consistency_proof(old: int, size: int, read: Read) -> list[bytes]:
    """The hashes that show that a tree of `size` leaves begins with that of `old` leaves.

    There are none from an empty tree or one of the same size. ValueError where `old` is larger.
    """
    if not 0 <= old <= size:
        raise ValueError(f"a tree of {size} leaves doesn't begin with one of {old}")
    if old == 0:
        return []
    ranges: list[_Range] = []
    start, end = 0, size
    while old < end:
        middle = start + _split(end - start)
        if old <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    if start:  # the old tree itself is known to whoever asks, a part of it is not
        ranges.append((start, end))
    return _hashes(ranges[::-1], read)


def _split(count: int) -> int:
    """The largest power of two below `count`."""
    return 1 << (count - 1).bit_length() - 1


def _hashes(ranges: list[_Range], read: Read) -> list[bytes]:
    places = [_places(*each) for each in ranges]
    stored = read([place for some in places for place in some])
    return [joined([stored[place] for place in some]) for some in places]


def _places(start: int, end: int) -> list[Place]:
    """The complete subtrees that make up a range, which begins where its largest one can."""
    places = []
    while start < end:
        level = (end - start).bit_length() - 1
        places.append(Place(level, start >> level))
        start += 1 << level
    return places
