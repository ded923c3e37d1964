"""Personal data apart from an event's bytes, and back together with them.

Rules
- What is personal, the marks in the types of an event's fields say (see `bot.domain.personal`).
- In the bytes stands a commitment: `sha256:` and the hex SHA-256 of salt and value, the value as
  JSON with sorted keys and no blanks, in UTF-8. Beside them, by the field's path, stand the salt
  (16 random bytes in hex) and the value.
- A value that is gone is read as what its mark says of it; the bytes stay as they are.
"""

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import NoneType
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel

from bot.domain.personal import Named, Personal

SALT_BYTES = 16
OURS = "system:"  # what the bot itself and the clock are called: they are nobody
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
Apart = dict[str, tuple[str, Any]]  # path → salt and value


@dataclass(frozen=True, slots=True)
class Plan:
    """Where something personal stands in a value: in itself, or in parts of it.

    `fields` are those of an object; `each` is that of every item of a list, and of every value of
    a mapping; `keys` that of a mapping's keys.
    """

    mark: Named | Personal | None = None
    fields: Mapping[str, "Plan"] | None = None
    each: "Plan | None" = None
    keys: "Plan | None" = None

    @property
    def nothing(self) -> bool:
        """Whether nothing in the value is personal."""
        return not (self.mark or self.fields or self.each or self.keys)


@cache
def plan_of(model: type[BaseModel]) -> Plan:
    """The plan of an event's class, by the marks in its fields' types."""
    fields = {
        name: _plan(field.annotation, tuple(field.metadata))
        for name, field in model.model_fields.items()
    }
    return Plan(fields={name: plan for name, plan in fields.items() if not plan.nothing} or None)


def commitment(salt: str, value: object) -> str:
    """What stands in the bytes in place of a value."""
    text = _CANONICAL.encode(value)
    return "sha256:" + hashlib.sha256(bytes.fromhex(salt) + text.encode()).hexdigest()


def set_apart(value: object, path: str, apart: Apart) -> str:
    """The commitment to a value, which from now on stands in `apart` under its path."""
    salt = secrets.token_hex(SALT_BYTES)
    apart[path] = (salt, value)
    return commitment(salt, value)


def separate(content: Any, plan: Plan, refs: Mapping[str, str], apart: Apart, path: str) -> Any:  # noqa: ANN401 - JSON
    """`content` with references in place of people and commitments in place of what is personal.

    `refs` has the reference of each name; KeyError for a person whom the stream has not met.
    """

    def replace(mark: Named | Personal, value: Any, path: str) -> Any:  # noqa: ANN401 - JSON
        if isinstance(mark, Personal):
            return set_apart(value, path, apart)
        return value if value.startswith(OURS) else refs[value]

    return _replaced(content, plan, replace, path)


def together(content: Any, plan: Plan, names: Mapping[str, str], apart: Apart, path: str) -> Any:  # noqa: ANN401 - JSON
    """`content` with names and values back in their places, or with what is read of those gone."""

    def replace(mark: Named | Personal, value: Any, path: str) -> Any:  # noqa: ANN401 - JSON
        if isinstance(mark, Personal):
            return apart[path][1] if path in apart else mark.erased
        return names.get(value, value)

    return _replaced(content, plan, replace, path)


def _replaced(
    value: Any,  # noqa: ANN401 - JSON
    plan: Plan,
    replace: Callable[[Named | Personal, Any, str], Any],
    path: str,
) -> Any:  # noqa: ANN401 - JSON
    """`value` with everything that is marked replaced; objects in it are changed in place."""
    if value is None or plan.nothing:
        return value
    if plan.mark:
        return replace(plan.mark, value, path)
    if plan.fields:
        for name in plan.fields.keys() & value.keys():
            value[name] = _replaced(value[name], plan.fields[name], replace, f"{path}.{name}")
        return value
    each, keys = plan.each or Plan(), plan.keys or Plan()
    if isinstance(value, list):
        return [
            _replaced(item, each, replace, f"{path}.{number}") for number, item in enumerate(value)
        ]
    return {
        _replaced(key, keys, replace, path): _replaced(item, each, replace, f"{path}.{key}")
        for key, item in value.items()
    }


def _plan(annotation: Any, marks: tuple[Any, ...] = ()) -> Plan:  # noqa: ANN401 - any type
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _plan(arguments[0], (*marks, *arguments[1:]))
    mark = next((mark for mark in marks if isinstance(mark, Named | Personal)), None)
    if mark:
        return Plan(mark=mark)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return plan_of(annotation)
    if origin is dict:
        keys, each = (_plan(argument) for argument in arguments)
        return Plan(keys=None if keys.nothing else keys, each=None if each.nothing else each)
    parts = (_plan(argument) for argument in arguments if argument not in (NoneType, Ellipsis))
    part = next((plan for plan in parts if not plan.nothing), Plan())
    return Plan(each=part) if origin in (tuple, list) and not part.nothing else part
