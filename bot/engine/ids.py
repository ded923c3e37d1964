"""Ids of rooms and violations: random, and easy to read aloud."""

from bot.storage.random_bytes import random_bytes

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's: no i, l, o, u to misread
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]


def new_id(length: int) -> str:
    """A random id that can be read aloud: five bits a character, of an even number up to 24."""
    bits = int.from_bytes(random_bytes())
    return "".join(_PAIRS[bits >> 5 * place & 1023] for place in range(0, length, 2))
