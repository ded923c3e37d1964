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
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from bot.domain.personal import Named, Personal

SALT_BYTES = 16
OURS = "system:"  # what the bot itself and the clock are called: they are nobody
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
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return "sha256:" + hashlib.sha256(bytes.fromhex(salt) + text.encode()).hexdigest()


def set_apart(value: object, path: str, apart: Apart) -> str:
    """The commitment to a value, which from now on stands in `apart` under its path."""
    salt = secrets.token_hex(SALT_BYTES)
    apart[path] = (salt, value)
    return commitment(salt, value)


def separate(value: Any, plan: Plan, refs: Mapping[str, str], apart: Apart, path: str = "") -> Any:  # noqa: ANN401 - JSON
    """`value` with references in place of people and commitments in place of what is personal.

    Objects in it are changed in place. `refs` has the reference of each name; KeyError for a
    person whom the stream has not met.
    """
    if value is None or plan.nothing:
        return value
    if isinstance(plan.mark, Named):
        return value if value.startswith(OURS) else refs[value]
    if plan.mark:
        return set_apart(value, path, apart)
    if plan.fields:
        for name, inner in plan.fields.items():
            if name in value:
                value[name] = separate(value[name], inner, refs, apart, _in(path, name))
        return value
    if isinstance(value, list):
        return [
            separate(item, plan.each or Plan(), refs, apart, _in(path, str(number)))
            for number, item in enumerate(value)
        ]
    return {
        separate(key, plan.keys or Plan(), refs, apart): separate(
            item, plan.each or Plan(), refs, apart, _in(path, key)
        )
        for key, item in value.items()
    }


def together(value: Any, plan: Plan, names: Mapping[str, str], apart: Apart, path: str = "") -> Any:  # noqa: ANN401 - JSON
    """`value` with names and values back in their places, or with what is read of those gone."""
    if value is None or plan.nothing:
        return value
    if isinstance(plan.mark, Named):
        return names.get(value, value)
    if plan.mark:
        return apart[path][1] if path in apart else plan.mark.erased
    if plan.fields:
        for name, inner in plan.fields.items():
            if name in value:
                value[name] = together(value[name], inner, names, apart, _in(path, name))
        return value
    if isinstance(value, list):
        return [
            together(item, plan.each or Plan(), names, apart, _in(path, str(number)))
            for number, item in enumerate(value)
        ]
    return {
        together(key, plan.keys or Plan(), names, apart): together(
            item, plan.each or Plan(), names, apart, _in(path, key)
        )
        for key, item in value.items()
    }


def _in(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _plan(annotation: Any, marks: tuple[Any, ...] = ()) -> Plan:  # noqa: ANN401 - any type
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _plan(arguments[0], (*marks, *arguments[1:]))
    for mark in marks:
        if isinstance(mark, Named | Personal):
            return Plan(mark=mark)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return plan_of(annotation)
    if origin in (Union, UnionType):
        inner = [_plan(each) for each in arguments if each is not NoneType]
        return next((plan for plan in inner if not plan.nothing), Plan())
    if origin is dict:
        keys, each = (_plan(argument) for argument in arguments)
        return Plan(keys=None if keys.nothing else keys, each=None if each.nothing else each)
    if origin in (tuple, list):
        each = _plan(arguments[0])
        return Plan() if each.nothing else Plan(each=each)
    return Plan()
