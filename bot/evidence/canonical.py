r"""Canonical JSON by RFC 8785: one sequence of bytes for a value, whoever writes it.

Rules
- Keys are in the order of their UTF-16 code units (3.2.3), nothing stands between tokens (3.2.1).
- A number is written as ECMAScript writes the double that it is (3.2.2.3). A whole number beyond
  2^53 - 1 is refused, since the next double may be another; so are NaN and the infinities.
- Text is written as it is, but for `"`, `\` and the controls below U+0020 (3.2.2.2). A surrogate
  alone has no UTF-8 and is refused.
- What is read has to be canonical already, so nothing is ever read that hashes differently.
"""

import json
import math
from collections.abc import Mapping
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any

from bot.evidence.errors import MalformedError

MOST_SAFE = 2**53 - 1  # beyond it doubles skip whole numbers
_POSITIONAL = 21  # ECMAScript writes exponents from 1e21 on, and below 1e-6
_LEADING_ZEROS = 6
_LITERALS = {None: "null", True: "true", False: "false"}


def encode(value: object) -> bytes:
    """The canonical UTF-8 bytes of a value of dict, list, tuple, str, int, float, bool and None.

    MalformedError where it has no canonical form.
    """
    try:
        return _text(value).encode()
    except (UnicodeEncodeError, RecursionError) as error:
        raise MalformedError(f"no canonical JSON: {_why(error)}") from error


def decode(data: bytes) -> object:
    """The value of canonical bytes. MalformedError where they aren't canonical JSON."""
    try:
        value = json.loads(data.decode(), parse_int=_whole)
    except (ValueError, RecursionError) as error:
        raise MalformedError(f"no JSON: {_why(error)}") from error
    if encode(value) != data:
        raise MalformedError("JSON, but not canonical by RFC 8785")
    return value


def _why(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "nested too deeply"
    return "a surrogate stands alone" if isinstance(error, UnicodeEncodeError) else str(error)


def _whole(written: str) -> int | float:
    """A whole number as it is read: past the safe ones it is a double that was written so."""
    number = float(written)
    return int(written) if abs(number) <= MOST_SAFE else number


def _text(value: object) -> str:
    # The commonest first: a leaf is mostly text.
    if isinstance(value, str):
        return encode_basestring(value)
    if value is None or isinstance(value, bool):
        return _LITERALS[value]
    if isinstance(value, int):
        if abs(value) > MOST_SAFE:
            raise MalformedError(f"no canonical JSON: a whole number beyond {MOST_SAFE}")
        return int.__repr__(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, dict):
        members = (f"{encode_basestring(key)}:{_text(value[key])}" for key in in_order(value))
        return "{" + ",".join(members) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_text, value)) + "]"
    raise MalformedError(f"no canonical JSON: {type(value).__name__} is no JSON value")


def in_order(value: Mapping[Any, object]) -> list[str]:
    """The keys of an object in their order; MalformedError where one is not text."""
    if not all(isinstance(key, str) for key in value):
        raise MalformedError("no canonical JSON: a key is not text")
    keys = sorted(value)
    # Code points and UTF-16 code units order alike, unless a key needs surrogates.
    if "".join(keys).isascii():
        return keys
    return sorted(keys, key=lambda key: key.encode("utf-16-be"))


def _number(value: float) -> str:
    """Number::toString of ECMA-262: Python's repr has the same digits, and other exponents."""
    if not math.isfinite(value):
        raise MalformedError(f"no canonical JSON: {value} is no JSON number")
    if value == 0:
        return "0"
    mantissa, _, exponent = f"{Decimal(repr(abs(value))):e}".partition("e")
    digits = mantissa.replace(".", "").rstrip("0")
    return ("-" if value < 0 else "") + _placed(digits, int(exponent) + 1)


def _placed(digits: str, point: int) -> str:
    """Digits with the decimal point after the first `point` of them; that may lie outside them."""
    if len(digits) <= point <= _POSITIONAL:
        return digits.ljust(point, "0")
    if 0 < point <= _POSITIONAL:
        return f"{digits[:point]}.{digits[point:]}"
    if -_LEADING_ZEROS < point <= 0:
        return f"0.{'0' * -point}{digits}"
    fraction = f".{digits[1:]}" if digits[1:] else ""
    return f"{digits[0]}{fraction}e{point - 1:+d}"
