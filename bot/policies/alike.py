"""What violations have in common, as the narrowest condition that holds for all of them.

Rules
- It asks for the source, the subject's kind, the environment, and the facts that are a text, a
  number or a truth, in whatever map; for what is missing in all it asks that it is.
- A text or truth is as it was; where several texts come again and again, it is one of those. A
  number lies between the lowest and the highest.
- What differs without coming again is no part of it, and is told by its path. Nor are lists.
- Facts that a policy lists in `varying` are left out.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.conditions import FactType
from bot.domain.policy import Policy
from bot.domain.violation import Report
from bot.policies.cel_facts import flaw_of

TEXT_MOST = 200  # a longer text is not compared

Path = tuple[str, ...]
Scalars = Mapping[Path, Any]
_TYPES: Mapping[FactType, tuple[type, ...]] = {
    FactType.STRING: (str,),
    FactType.BOOL: (bool,),
    FactType.INT: (int,),
    FactType.DOUBLE: (int, float),
}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# Words of CEL's own: as a key they stand in quotes.
_WORDS = frozenset(
    (
        *("as", "break", "const", "continue", "else", "false", "for", "function", "if", "import"),
        *("in", "let", "loop", "namespace", "null", "package", "return", "true", "var", "void"),
        "while",
    )
)
MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Alike:
    """What a group has in common: a condition, and what it reads and doesn't read for it.

    `declare` are the facts that it reads and that the policy doesn't declare, with their types;
    `differing` the paths of those that are no part of it.
    """

    condition: str
    declare: Mapping[str, FactType]
    differing: tuple[str, ...]


def scalars(policy: Policy, facts: Mapping[str, Any]) -> dict[Path, Any]:
    """What is a text, a number or a truth in facts, by its path.

    None that the policy declares otherwise, or lets vary.
    """
    found: dict[Path, Any] = {}
    waiting: list[tuple[Path, Any]] = [
        ((name,), value) for name, value in facts.items() if name not in policy.varying
    ]
    while waiting:
        path, value = waiting.pop()
        declared = policy.facts.get(path[0]) if len(path) == 1 else None
        if isinstance(value, dict):
            waiting += [((*path, str(name)), part) for name, part in value.items()]
        elif _is_of(value, (declared,) if declared else _TYPES) and not _is_unfit(value):
            found[path] = value
    return found


def declared_paths(policy: Policy) -> set[Path]:
    """The facts of these types that a policy declares, whether or not a violation has them."""
    names = (name for name, kind in policy.facts.items() if kind in _TYPES)
    return {(name,) for name in names if name not in policy.varying}


def class_of(found: Scalars, path: Path) -> object:
    """What of a value makes violations alike: of a number only that it is one."""
    if path not in found:
        return MISSING
    return (float,) if _is_number(found[path]) else (type(found[path]), found[path])


def alike(
    policy: Policy,
    source: str,
    report: Report,
    paths: Iterable[Path],
    group: Sequence[Scalars],
) -> Alike:
    """What a group has in common, of which `report` is one, and `group` has everybody's facts."""
    parts = [
        f"source == {_text(source)}",
        _equal("subject.?kind", report.subject.kind),
        _equal("origin.?environment", report.origin.environment),
    ]
    declare: dict[str, FactType] = {}
    differing: list[str] = []
    for path in paths:
        tests = list(_tests(policy, path, group))
        parts += tests
        values = [each[path] for each in group if path in each]
        if not tests:
            differing.append(".".join(("facts", *path)))
        elif values and path[0] not in policy.facts:
            declare[path[0]] = FactType.MAP if len(path) > 1 else _type(policy, path, values)
    return Alike("\n&& ".join(parts), declare, tuple(differing))


def _tests(policy: Policy, path: Path, group: Sequence[Scalars]) -> Iterator[str]:
    """What a fact has to be; nothing where it differs."""
    values = [each[path] for each in group if path in each]
    name = "facts" + "".join(
        f".?{key}" if _NAME.fullmatch(key) and key not in _WORDS else f"[?{_text(key)}]"
        for key in path
    )
    if not values:
        yield f"!{name}.hasValue()"
    elif len(values) < len(group):
        return
    elif all(map(_is_number, values)):
        as_double = _type(policy, path, values) is FactType.DOUBLE
        low, high = (repr(float(n)) if as_double else str(n) for n in (min(values), max(values)))
        yield f"{name}.hasValue()"
        yield f"{name}.orValue({low}) >= {low}"
        yield f"{name}.orValue({high}) <= {high}"
    elif len({class_of(each, path) for each in group}) == 1:
        yield _equal(name, values[0])
    elif all(isinstance(value, str) for value in values) and len(set(values)) <= len(values) / 2:
        texts = ", ".join(map(_text, sorted(set(values))))
        yield f"{name}.hasValue()"
        yield f'{name}.orValue("") in [{texts}]'


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_of(value: object, kinds: Iterable[FactType]) -> bool:
    types = {each for kind in kinds for each in _TYPES.get(kind, ())}
    return type(value) in types


def _is_unfit(value: object) -> bool:
    return flaw_of(value) is not None or (isinstance(value, str) and len(value) > TEXT_MOST)


def _type(policy: Policy, path: Path, values: Sequence[object]) -> FactType:
    """The type of a fact: as it is declared, or else as it came."""
    if len(path) == 1 and path[0] in policy.facts:
        return policy.facts[path[0]]
    kinds = (kind for kind in _TYPES if all(_is_of(value, (kind,)) for value in values))
    return next(kinds, FactType.STRING)


def _equal(name: str, value: str | bool | None) -> str:
    if value is None:
        return f"!{name}.hasValue()"
    if isinstance(value, bool):
        return f"{name}.orValue({_truth(not value)}) == {_truth(value)}"
    instead = '""' if value else '"-"'
    return f"{name}.orValue({instead}) == {_text(value)}"


def _truth(value: bool) -> str:
    return "true" if value else "false"


def _text(value: str) -> str:
    """A text as CEL has it; whatever isn't printable ASCII by its number."""
    return "".join(
        sign if sign.isascii() and sign.isprintable() else f"\\U{ord(sign):08x}"
        for sign in json.dumps(value, ensure_ascii=False)
    )
