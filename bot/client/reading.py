"""What is in a file that a pipeline sends figures from, and the checks of its fields.

Rules
- A number is kept as it was written: 0.90 less 0.85 is 0.05, and not a little more.
- What is wrong is said with what was found and what is needed.
"""

import json
from collections import Counter
from decimal import Decimal, InvalidOperation
from typing import Any

from bot.domain.clean_text import UNSTORABLE
from bot.errors import UsageError
from bot.yaml.problems import shown

NAME_MOST, SHOWN_MOST = 200, 60
LARGEST = Decimal("1e300")  # with room for a difference within what JSON's readers can hold

Content = Any  # what a file of JSON holds; text, where it is CSV


class FieldError(ValueError):
    """What one field has wrong: which it is, what was found, what is needed."""

    def __init__(self, field: str, found: str, need: str) -> None:
        super().__init__(f"{field}: found {found}, need {need}")


def content(file: str, text: str) -> Content:
    """What is in a file: its JSON, with numbers as they are written, or the text of a CSV.

    UsageError where it begins like JSON and is none.
    """
    text = text.removeprefix("\ufeff")
    if not text.lstrip().startswith(("[", "{")):
        return text
    try:
        return json.loads(
            text,
            object_pairs_hook=_once,
            parse_float=_decimal,
            parse_int=_decimal,
            parse_constant=_decimal,
        )
    except json.JSONDecodeError as error:
        raise UsageError(f"{file}:{error.lineno}:{error.colno}: is no JSON: {error.msg}") from error
    except RecursionError as error:
        raise UsageError(f"{file}: is nested too deeply") from error
    except ValueError as error:
        raise UsageError(f"{file}: {error}") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        times = Counter(key for key, _ in pairs)
        twice = next(key for key in found if times[key] > 1)
        raise ValueError(f"found the key {shown(twice)} twice in one object, need it once")
    return found


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent of twenty digits
        return Decimal("Infinity")


def number(field: str, found: object) -> Decimal:
    """A number as it was written. FieldError for anything else."""
    if isinstance(found, Decimal) and found.is_finite() and abs(found) <= LARGEST:
        return found
    raise FieldError(field, named(found), "a number")


def named(found: object) -> str:
    """What was found, as a reader of the file would recognise it."""
    return str(found)[:SHOWN_MOST] if isinstance(found, Decimal) else shown(found)


def name(field: str, found: object) -> str:
    """A name without blanks at its ends. FieldError for what is none."""
    if not isinstance(found, str) or not found.strip():
        raise FieldError(field, named(found), "a name")
    if len(found.strip()) > NAME_MOST:
        raise FieldError(field, f"{len(found.strip())} characters", f"at most {NAME_MOST}")
    if UNSTORABLE.search(found):
        raise FieldError(field, "a character that can't be stored", "a name without NUL")
    return found.strip()
