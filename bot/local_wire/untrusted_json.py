"""JSON from outside, as far as it can be kept and shown again.

Rules
- Half a surrogate pair is no text that can be encoded: U+FFFD stands in its place.
- What is no JSON by the standard (`NaN`, `Infinity`), or lies too deep, is no JSON here.
"""

import json
import re

DEEPEST = 100
_HALF = re.compile("[\ud800-\udfff]")


def parsed(text: str | bytes) -> object:
    """What a JSON text holds. Raises ValueError."""
    try:
        return whole(json.loads(text, parse_constant=_refused))
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def whole(value: object, depth: int = 0) -> object:
    """A JSON value without halves of surrogate pairs. Raises ValueError when it lies too deep."""
    if depth > DEEPEST:
        raise ValueError("nested too deep")
    if isinstance(value, str):
        return _HALF.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, list):
        return [whole(one, depth + 1) for one in value]
    if isinstance(value, dict):
        return {str(whole(name)): whole(one, depth + 1) for name, one in value.items()}
    return value


def _refused(constant: str) -> object:
    raise ValueError(f"{constant} is no JSON")
