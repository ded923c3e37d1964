"""Numbers that stand beside their thresholds, found in an object of JSON and put in words.

Rules
- The threshold of `psi` or `psi_value` is `psi_threshold`, `psi_limit`, `max_psi` or `min_psi`,
  either way round and in any spelling (`maxPsi`, `psi-limit`), the `psi` in an object `thresholds`
  or `limits`, or a bare `threshold`, `limit`, `max` or `min`.
- A bare one belongs to `value` where there is one, or to what `metric`, `measure` or `name` says. A
  bare `threshold` belongs else to the only number beside it that has none by name, or to the only
  one of its kind: with a fraction, or whole. Where it may belong to several it belongs to none,
  since a false comparison is worse than none; a `limit` may be of a page, a `max` of a sample.
- `value` is called as `metric`, `measure` or `name` beside it says.
- A percentage (`"27%"`) is compared with a percentage only.
- Of several thresholds of one number that `max` or `min` counts which is passed, else the first.
- Of the numbers in one object the first hundred are looked at: anybody may send thousands.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any

_MAXIMUM, _MINIMUM = frozenset({"max", "maximum"}), frozenset({"min", "minimum"})
_THRESHOLDS = frozenset({"threshold", "limit"}) | _MAXIMUM | _MINIMUM
_OBJECTS = frozenset({"thresholds", "limits"})
_VALUES = ("value", "actual", "observed", "measured")
_NAMES = ("metric", "measure", "name")
_NUMBERS = 100
_PART_OF_KEY = re.compile(r"[A-Z]?[^\W_A-Z]+|[A-Z]+(?![^\W_A-Z])")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,40}(?:\.([0-9]{1,40}))?(?: ?%)?", re.ASCII)
_PERCENT_MOST = 9999  # from here on a percentage says nothing
_PLACES = 2  # as many decimals a threshold is written with to stand beside its value

Json = Any
Object = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A number beside its threshold, in words, and the `keys` under which both stand.

    `name` is what the number is called; empty where that is for the object to say. The keys are
    those that `side_by_side` gives.
    """

    name: str
    words: str
    keys: frozenset[str]


def comparisons(facts: Object) -> Iterator[Comparison]:
    """The numbers of one object that have a threshold in it, as they stand there."""
    facts = dict(side_by_side(facts))
    numbers = dict(islice(_numbers(facts), _NUMBERS))
    spelt = {key: tuple(part.lower() for part in _PART_OF_KEY.findall(key)) for key in numbers}
    limits = {key: of for key in numbers if (of := _limited(spelt[key])) is not None}
    values: dict[str, list[str]] = {key: [] for key in numbers if key not in limits}
    for limit, of in limits.items():
        alike = _alike(facts, limit, values) if of else ()
        named = [key for key in alike if spelt[key] == of]
        named = named or [key for key in alike if _measured(spelt[key]) == of]
        if len(named) == 1:
            values[named[0]].append(limit)
    free = [key for key, own in values.items() if not own]
    for limit in (key for key, of in limits.items() if not of):
        beside = _beside(facts, limit, _alike(facts, limit, free), spelt[limit])
        if len(beside) == 1:
            values[beside[0]].append(limit)
    for key, own in values.items():
        if own:
            passed = (each for each in own if _is_passed(numbers[key], numbers[each], spelt[each]))
            yield _comparison(facts, key, next(passed, own[0]))


def side_by_side(facts: Object) -> Iterator[tuple[str, Json]]:
    """What is in an object, and as `thresholds.psi` what is in one of thresholds inside it."""
    for key, value in facts.items():
        if key.lower() in _OBJECTS and isinstance(value, Mapping) and value:
            yield from ((f"{key}.{name}" if name else key, part) for name, part in value.items())
        else:
            yield key, value


def _numbers(facts: Object) -> Iterator[tuple[str, Decimal]]:
    for key, value in facts.items():
        if (number := _number(value)) is not None:
            yield key, number


def _limited(spelt: Sequence[str]) -> tuple[str, ...] | None:
    """The value whose threshold a key is, `()` where it doesn't say; None where it is none."""
    if spelt and (spelt[0] in _THRESHOLDS or (spelt[1:] and spelt[0] in _OBJECTS)):
        return tuple(spelt[1:])
    return tuple(spelt[:-1]) if spelt and spelt[-1] in _THRESHOLDS else None


def _measured(spelt: Sequence[str]) -> Sequence[str]:
    """What a key is a value of: `psi` for `psi_value` and `actual_psi`, too."""
    if len(spelt) > 1 and spelt[-1] in _VALUES:
        return spelt[:-1]
    return spelt[1:] if len(spelt) > 1 and spelt[0] in _VALUES else spelt


def _beside(facts: Object, limit: str, free: Sequence[str], spelt: Sequence[str]) -> Sequence[str]:
    """The values that a bare threshold may belong to."""
    called = (*_VALUES, *(facts.get(each) for each in _NAMES))
    if of := sorted((key for key in free if key in called), key=called.index):
        return of[:1]
    if "threshold" not in spelt:
        return ()
    values = [key for key in free if isinstance(facts[key], str) == isinstance(facts[limit], str)]
    alike = [key for key in values if _is_whole(facts[key]) == _is_whole(facts[limit])]
    return values if len(values) == 1 else alike


def _is_whole(number: Json) -> bool:
    return "." not in number if isinstance(number, str) else isinstance(number, int)


def _alike(facts: Object, limit: str, keys: Iterable[str]) -> Sequence[str]:
    """The numbers that are percentages as a threshold is, or aren't as it isn't."""
    return [key for key in keys if _is_percent(facts[key]) == _is_percent(facts[limit])]


def _is_percent(number: Json) -> bool:
    return isinstance(number, str) and number.endswith("%")


def _is_passed(number: Decimal, limit: Decimal, spelt: Sequence[str]) -> bool:
    if not _MAXIMUM.isdisjoint(spelt):
        return number > limit
    return not _MINIMUM.isdisjoint(spelt) and number < limit


def _comparison(facts: Object, key: str, limit: str) -> Comparison:
    name = key
    naming = [each for each in _NAMES if isinstance(facts.get(each), str) and facts[each].strip()]
    if key in _VALUES:
        naming = naming[:1]
        name = facts[naming[0]] if naming else ""
    else:
        naming = [each for each in naming if facts[each] == key]
    return Comparison(name, _compared(facts[key], facts[limit]), frozenset({key, limit, *naming}))


def _number(value: Json) -> Decimal | None:
    """A finite number, or the digits of one; None for anything else."""
    if isinstance(value, str):
        return Decimal(value.rstrip("% ")) if _DECIMAL.fullmatch(value) else None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    number = Decimal(repr(value))
    return number if number.is_finite() else None


def _compared(value: Json, limit: Json) -> str:
    """`0.27, 35 % above 0.20`: 0 % only where they are equal, 100 % below only where nothing is.

    Without a percentage where the threshold is 0 or of another sign, or it would have five digits.
    """
    number, bound = _number(value) or Decimal(0), _number(limit) or Decimal(0)
    written = _written(limit, value)
    if number == bound:
        return f"{value}, at its threshold {written}"
    way = "above" if number > bound else "below"
    comparable = bound and number * bound >= 0
    share = abs((number - bound) / bound) * 100 if comparable else Decimal("Infinity")
    if share > _PERCENT_MOST:
        return f"{value}, {way} {written}"
    percent = f"{share.to_integral_value():f} %"
    if share < 1:
        percent = "under 1 %"
    elif way == "below" and number and share > 99:  # noqa: PLR2004 - the greatest below all
        percent = "over 99 %"
    return f"{value}, {percent} {way} {written}"


def _written(limit: Json, value: Json) -> str:
    """A threshold with its own digits; one from a float with as many as its value, up to two."""
    own, other = _DECIMAL.fullmatch(f"{limit}"), _DECIMAL.fullmatch(f"{value}")
    if not (isinstance(limit, float) and own and other):
        return f"{limit}"
    return f"{limit}" + "0" * (min(len(other[1] or ""), _PLACES) - len(own[1]))
