"""Random bytes for salts and ids, taken from the system for many at once.

An arrival needs a dozen of them, and each call of the system's costs as much as hashing a person.
"""

import os

COUNT = 16
AT_ONCE = 64

_left: list[bytes] = []
if hasattr(os, "register_at_fork"):  # a child would give what its parent gives
    os.register_at_fork(after_in_child=_left.clear)


def random_bytes() -> bytes:
    """`COUNT` bytes that were never given before, whichever thread asks."""
    try:
        return _left.pop()
    except IndexError:
        drawn = os.urandom(COUNT * AT_ONCE)
        first, *rest = (drawn[at : at + COUNT] for at in range(0, len(drawn), COUNT))
        _left.extend(rest)
        return first
