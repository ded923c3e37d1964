"""From where each value comes that a decision rests on: a policy's own line, the defaults, neither.

Rules
- A value is told as it is written; what is written nowhere, as it would be.
- What a band says more closely counts, with its own line.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from bot.domain import duration
from bot.domain.policy import Band, LadderStep, OfferedScope, Policy
from bot.domain.value import StoredValue, Value
from bot.policies.policies import ids
from bot.policies.policy_file import Defaults
from bot.yaml.reader import KeyPath, YamlFile

BUILT_IN = "built in"
# What holds where nothing is written, and isn't a value that could be.
_UNWRITTEN = {
    "scopes": "commit where there is one, else run",
    "risk_class": "none",
    "reasons.approve": "required where the severity is high or critical",
    "reasons.dismiss": "required",
}


class Origin(NamedTuple):
    """One value of a policy: its key, what it is in words, and where that stands."""

    key: str
    value: str
    place: str


def origins(policy: Policy, band: Band | None, source: YamlFile | None) -> tuple[Origin, ...]:
    """Each value of a policy that may have a default, as it holds in `band`.

    `source` is the file that the policy was read from. Of one that was read from what was kept,
    since the file has changed, all stands where the policy stood.
    """
    places = source.places if source else {}
    own: KeyPath = ids(source)[policy.id][0][:2] if source else ()
    around: list[KeyPath] = [own, ("defaults",)]
    if band:
        around.insert(0, (*own, "bands", [each.id for each in policy.bands].index(band.id)))
    found = []
    for path in _keys():
        key, value = ".".join(path), _value(policy, path)
        said = _UNWRITTEN.get(key, "none") if value in (None, ()) else _words(value)
        place = BUILT_IN if source else policy.place
        written = [(*each, *path) for each in around if (*each, *path) in places]
        if source and written:
            said, place = _words(source.value(written[0])), str(source.place(written[0]))
        elif band and getattr(band, key, None) is not None:
            said, place = _words(getattr(band, key)), f"{policy.file}:{band.line}"
        found.append(Origin(key, said, place))
    return tuple(found)


def _value(policy: Policy, path: tuple[str, ...]) -> object:
    value: object = policy
    for part in path:
        value = getattr(value, part)
    return value


def _keys() -> Iterator[tuple[str, ...]]:
    for name, field in Defaults.model_fields.items():
        if isinstance(field.default, Value):
            yield from ((name, inner) for inner in type(field.default).model_fields)
        else:
            yield (name,)


def _words(value: object) -> str:
    """A value as it stands in a file, or would."""
    if isinstance(value, StoredValue | timedelta):
        return _words(_written(value))
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_words(inner)}' for key, inner in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_words, value))}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _written(value: StoredValue | timedelta) -> object:
    match value:
        case timedelta():
            return duration.text(value)
        case LadderStep():
            return {"at": f"{value.at * 100:.4g}%", "do": value.do}
        case OfferedScope(when=condition) if condition:
            return {"id": value.name, "when": condition.text, "words": value.words}
        case OfferedScope():
            return value.kind
    raise TypeError(f"a policy has no {type(value).__name__}")
