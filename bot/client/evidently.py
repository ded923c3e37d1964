"""The facts of what Evidently found: the JSON of its snapshot, which has `tests` and `metrics`.

Rules
- A test or a metric is called by its name, or by its id where several have that name.
- How many tests failed is known only where there are tests: that none failed of none is no success.
- What is no name, no status or no number is an error, with its path: nothing is left out.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from bot.client.reading import Content, FieldError, name, named, number
from bot.errors import UsageError

EVIDENTLY, TESTS, METRICS = "evidently", "tests", "metrics"
FAILED, SUCCEEDED = "FAIL", "SUCCESS"
WHOLE_MOST = 2**53  # from here on a number of JSON may lose its last digits
DEEPEST = 2  # a metric may have counts and shares, and these by label


def is_one(content: Content) -> bool:
    """Whether a file's content is Evidently's."""
    return isinstance(content, dict) and not content.keys().isdisjoint({TESTS, METRICS})


def facts(files: Mapping[str, Content]) -> dict[str, Any]:
    """Each test's status and each metric's value by its name, and how many tests failed.

    UsageError says what is wrong in which file.
    """
    tests = dict(_by_name(files, TESTS, "name"))
    statuses = {test: _status(place, entry.get("status")) for test, (place, entry) in tests.items()}
    metrics = dict(_by_name(files, METRICS, "metric_name"))
    failed = sum(status == FAILED for status in statuses.values())
    return {
        **({"failed": failed} if statuses else {}),
        TESTS: {test: {"status": status} for test, status in statuses.items()},
        METRICS: {
            metric: _value(place, "value", entry.get("value"))
            for metric, (place, entry) in metrics.items()
        },
    }


def _by_name(
    files: Mapping[str, Content], part: str, key: str
) -> Iterator[tuple[str, tuple[str, dict[str, Any]]]]:
    """What each entry is called, where it stands, and the entry."""
    entries = [
        (f"{file}: {part}[{at}]", entry)
        for file, content in files.items()
        for at, entry in enumerate(_listed(file, part, content.get(part, [])))
    ]
    names = [_text(place, key, entry) for place, entry in entries]
    times, called = Counter(names), set[str]()
    for (place, entry), common in zip(entries, names, strict=True):
        own = _text(place, "id", entry) if times[common] > 1 else common
        if own in called:
            raise UsageError(f"{place}.id: found {own!r} again, need each once")
        called.add(own)
        yield own, (place, entry)


def _listed(file: str, part: str, content: Content) -> list[Any]:
    if not isinstance(content, list):
        raise UsageError(f"{file}: {part}: found {named(content)}, need a list")
    return content


def _text(place: str, key: str, entry: Content) -> str:
    if not isinstance(entry, dict):
        raise UsageError(f"{place}: found {named(entry)}, need an object")
    try:
        return name(key, entry.get(key))
    except FieldError as error:
        raise UsageError(f"{place}.{error}") from error


def _status(place: str, found: Content) -> str:
    if found not in (FAILED, SUCCEEDED):
        raise UsageError(f"{place}.status: found {named(found)}, need {FAILED} or {SUCCEEDED}")
    return str(found)


def _value(place: str, path: str, found: Content, depth: int = 0) -> Any:  # noqa: ANN401 - JSON
    if isinstance(found, dict) and found and depth < DEEPEST:
        return {key: _value(place, f"{path}.{key}", each, depth + 1) for key, each in found.items()}
    try:
        value = number(path, found)
    except FieldError as error:
        raise UsageError(f"{place}.{error}, or an object of numbers") from error
    return int(value) if _is_whole(value) else float(value)


def _is_whole(value: Decimal) -> bool:
    """Whether it is written as a whole number."""
    return value.as_tuple().exponent == 0 and abs(value) <= WHOLE_MOST
