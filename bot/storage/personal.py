"""Personal data apart from an event's bytes, and back together with them.

Rules
- What is personal, the marks in the types of an event's fields say (see `bot.domain.personal`).
- In the bytes stands a commitment: `sha256:` and the hex SHA-256 of salt and value, the value as
  JSON with sorted keys and no blanks, in UTF-8. Beside them, by the field's path, stand the salt
  (16 random bytes in hex) and the value.
- A field that the writer doesn't know may be anybody's: it is set apart whole, and the bytes say
  where it stands. Whoever reads them gets its value back, whatever they know of the field.
- A value that is gone is read as what its mark says of it, or as a field that is not there; the
  bytes stay as they are.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, reduce
from operator import getitem
from types import NoneType
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel

from bot.domain.personal import Named, Personal
from bot.storage.random_bytes import COUNT, random_bytes

SALT_BYTES = COUNT
OURS = "system:"  # what the bot itself and the clock are called: they are nobody
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
Apart = dict[str, tuple[str, Any]]  # path → salt and value
Keys = Sequence[str | int]  # what leads from an event's content to something in it


@dataclass(frozen=True, slots=True)
class NotKnown:
    """The mark of a field that a plan doesn't know, since a newer version wrote it."""


Mark = Named | Personal | NotKnown
Replace = Callable[[Mark, Any, Keys], Any]  # gives what comes in place of a value


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done with a value: with all of it where it has a mark, or with parts of it.

    `names` are those of all fields of an object, and `fields` has the plans of those that need
    one; `each` is the plan of every item of a list, and of every value of a mapping; `keys` that
    of a mapping's keys.
    """

    mark: Mark | None = None
    names: frozenset[str] | None = None
    fields: Mapping[str, "Plan"] = field(default_factory=dict)
    each: "Plan | None" = None
    keys: "Plan | None" = None


_NOT_KNOWN = Plan(mark=NotKnown())


@cache
def plan_of(model: type[BaseModel]) -> Plan:
    """The plan of an event's class, by its fields and the marks in their types."""
    plans = {
        name: _plan(known.annotation, tuple(known.metadata))
        for name, known in model.model_fields.items()
    }
    fields = {name: plan for name, plan in plans.items() if plan}
    return Plan(names=frozenset(plans), fields=fields)


def commitment(salt: str, value: object) -> str:
    """What stands in the bytes in place of a value."""
    return _commitment(bytes.fromhex(salt), canonical(value))


def canonical(value: object) -> bytes:
    """The bytes of a value that its commitment is made of."""
    return _CANONICAL.encode(value).encode()


def set_apart(value: object, path: str, apart: Apart, text: bytes | None = None) -> str:
    """The commitment to a value, which from now on stands in `apart` under its path.

    `text` are its canonical bytes, where they are known.
    """
    salt = random_bytes()
    apart[path] = (salt.hex(), value)
    return _commitment(salt, canonical(value) if text is None else text)


def _commitment(salt: bytes, text: bytes) -> str:
    return "sha256:" + hashlib.sha256(salt + text).hexdigest()


def separate(
    content: Any,  # noqa: ANN401 - JSON
    plan: Plan,
    refs: Mapping[str, str],
    apart: Apart,
    path: str,
) -> tuple[Any, list[Keys]]:
    """`content` with references in place of people and commitments in place of what is personal.

    With it comes where the fields stand that the plan doesn't know, and which are set apart too.
    `refs` has the reference of each name; KeyError for a person whom the stream has not met.
    """
    unread: list[Keys] = []

    def replace(mark: Mark, value: Any, keys: Keys) -> Any:  # noqa: ANN401 - JSON
        if isinstance(mark, Named):
            reference = refs.get(value)
            return reference or (value if value.startswith(OURS) else refs[value])
        if isinstance(mark, NotKnown):
            unread.append(keys)
        return set_apart(value, path_of(path, keys), apart)

    return _replaced(content, plan, replace, (), writes=True), unread


def together(
    content: Any,  # noqa: ANN401 - JSON
    plan: Plan,
    name_of: Callable[[str], str],
    apart: Apart,
    path: str,
    unread: Iterable[Keys],
) -> Any:  # noqa: ANN401 - JSON
    """`content` with names and values back in their places, or with what is read of those gone.

    `name_of` gives whom a reference means, and anything else as it is. At `unread` stands what the
    writer didn't know. It was set apart with the names in it, so the plan has no part in it.
    """

    def replace(mark: Mark, value: Any, keys: Keys) -> Any:  # noqa: ANN401 - JSON
        if isinstance(mark, Named):
            return name_of(value)
        if isinstance(mark, NotKnown):
            return value
        place = path_of(path, keys)
        return apart[place][1] if place in apart else mark.erased

    back = []
    for keys in unread:
        around = reduce(getitem, keys[:-1], content)
        del around[keys[-1]]
        if value := apart.get(path_of(path, keys)):
            back.append((around, keys[-1], value[1]))
    whole = _replaced(content, plan, replace, (), writes=False)
    for around, name, value in back:
        around[name] = value
    return whole


def erased(content: Any, plan: Plan, is_gone: Callable[[Keys, Any], bool]) -> Any:  # noqa: ANN401 - JSON
    """`content` of a view with what is read of a value that is gone, where that is to go.

    `is_gone` is asked with the keys that lead to a personal value, and with the value.
    """

    def replace(mark: Mark, value: Any, keys: Keys) -> Any:  # noqa: ANN401 - JSON
        return mark.erased if isinstance(mark, Personal) and is_gone(keys, value) else value

    return _replaced(content, plan, replace, (), writes=False)


def marked(content: Any, plan: Plan | None, path: str) -> list[str]:  # noqa: ANN401 - JSON
    """The paths of all personal values of an event's bytes, by its plan.

    Of bytes that are no such event's there may be fewer.
    """
    if plan is None or content is None:
        return []
    if plan.mark:
        return [path] if isinstance(plan.mark, Personal) else []
    inside: list[tuple[str | int, Any, Plan | None]]
    if plan.names is not None:
        fields = plan.fields.items() if isinstance(content, dict) else ()
        inside = [(name, content.get(name), inner) for name, inner in fields]
    else:
        inside = [(name, part, plan.each) for name, part in _parts(content)]
    found: list[str] = []
    for name, part, inner in inside:
        if part is not None:
            found += marked(part, inner, f"{path}.{name}")
    return found


def _parts(content: Any) -> Iterable[tuple[str | int, Any]]:  # noqa: ANN401 - JSON
    if isinstance(content, dict):
        return content.items()
    return enumerate(content) if isinstance(content, list) else ()


def path_of(root: str, keys: Keys) -> str:
    """What a value is called that stands apart."""
    return ".".join((root, *map(str, keys)))


def _replaced(
    value: Any,  # noqa: ANN401 - JSON
    plan: Plan | None,
    replace: Replace,
    keys: tuple[str | int, ...],
    *,
    writes: bool,
) -> Any:  # noqa: ANN401 - JSON
    """`value` with everything that is marked or not known replaced; objects are changed in place.

    `keys` lead to it in the bytes: where the bytes are what it `writes`, the keys of a mapping are
    the new ones, else the old ones.
    """
    if value is None or plan is None:
        return value
    if plan.mark:
        return replace(plan.mark, value, keys)
    if plan.names is not None:
        fields = plan.fields
        if not value.keys() <= plan.names:
            fields = {**fields, **dict.fromkeys(sorted(value.keys() - plan.names), _NOT_KNOWN)}
        for name, inner in fields.items():
            part = value.get(name)
            if part is None:
                continue
            if inner.mark:  # most are: a call less for each of them
                value[name] = replace(inner.mark, part, (*keys, name))
            else:
                value[name] = _replaced(part, inner, replace, (*keys, name), writes=writes)
        return value
    if isinstance(value, list):
        return [
            _replaced(item, plan.each, replace, (*keys, number), writes=writes)
            for number, item in enumerate(value)
        ]
    changed = {}
    for key, item in value.items():
        new = _replaced(key, plan.keys, replace, keys, writes=writes)
        inside = (*keys, new if writes else key)
        changed[new] = _replaced(item, plan.each, replace, inside, writes=writes)
    return changed


def _plan(annotation: Any, marks: tuple[Any, ...] = ()) -> Plan | None:  # noqa: ANN401 - any type
    """The plan of a field of this type; None where all in it stays as it is."""
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
        return Plan(keys=keys, each=each) if keys or each else None
    plans = (_plan(argument) for argument in arguments if argument not in (NoneType, Ellipsis))
    plan = next((plan for plan in plans if plan), None)
    return Plan(each=plan) if plan and origin in (tuple, list) else plan
