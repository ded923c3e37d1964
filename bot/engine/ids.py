"""Ids of rooms and violations: random, and easy to read aloud."""

import secrets

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's: no i, l, o, u to misread


def new_id(length: int) -> str:
    """A random id that can be read aloud: five bits a character."""
    bits = secrets.randbits(5 * length)
    return "".join(_ALPHABET[bits >> 5 * place & 31] for place in range(length))
