"""What is cited of the configuration was loaded before, and stands where its policy does."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.evidence.exporting import Written, kinds, verified
from tests.evidence.test_replaying import _decided, _payload, _with

CITING = ("opened", "auto_cleared", "decided", "granted")


def _never_loaded(record: Written) -> Written:
    """The policy's document is there, and no load of the configuration."""
    entries = (each for each in record.entries if each.leaf.stream_kind != "configuration")
    return replace(record, entries=tuple(entries))


def _another_loaded(record: Written) -> Written:
    """A policy was loaded, and another one is cited."""
    number = record.number("configuration_loaded")
    entry = record.entries[number]
    digest = next(each.digest for each in record.documents if each.kind == "sources")

    def change(event: dict[str, object]) -> None:
        event["policies"] = dict.fromkeys(_payload(entry)["event"]["policies"], digest)

    return record.but(number, _with(entry, change))


def _loaded_later(record: Written) -> Written:
    """What a violation was cleared under was loaded when all was over."""
    configured = [each for each in record.entries if each.leaf.stream_kind == "configuration"]
    others = [each for each in record.entries if each.leaf.stream_kind != "configuration"]
    return replace(record, entries=(*others, *configured))


def _no_such_load(record: Written) -> Written:
    """A clearance cites a load that there isn't."""
    number = record.number("auto_cleared")
    change = lambda event: event["basis"].update(configuration=99)  # noqa: E731
    return record.but(number, _with(record.entries[number], change))


def _decided_under_no_load(record: Written) -> Written:
    """So does a decision that makes no exception."""
    number = _decided(record, "withdrawn")
    change = lambda event: event["decision"].update(configuration=99)  # noqa: E731
    return record.but(number, _with(record.entries[number], change))


def _in_another_file(record: Written) -> Written:
    """A rule is cited in a file in which its policy doesn't stand."""
    number = record.number("auto_cleared")
    change = lambda event: event["rule"].update(file="nowhere.yaml")  # noqa: E731
    return record.but(number, _with(record.entries[number], change))


FORGED = (
    _never_loaded,
    _another_loaded,
    _loaded_later,
    _no_such_load,
    _decided_under_no_load,
    _in_another_file,
)


@pytest.mark.parametrize("forge", FORGED, ids=lambda forge: forge.__name__.strip("_"))
def test_a_citation_of_what_was_not_loaded_is_found(
    record: Written, forge: Callable[[Written], Written]
) -> None:
    assert kinds(forge(record).data()) == {"cited"}


def test_it_is_found_too_where_several_processes_examine_the_leaves(record: Written) -> None:
    """Loads are in one stream, and what cites them in others."""
    for forged in (_never_loaded(record), _another_loaded(record)):
        alone = verified(forged.data())
        apart = verified(forged.data(), processes=3, apart_from=0)
        assert alone.findings == apart.findings
    assert verified(record.data(), processes=3, apart_from=0).sound


def test_of_what_is_older_than_the_first_load_nothing_is_said(record: Written) -> None:
    """So rooms are that were there before loads were recorded: they cite none by its number."""
    older = _loaded_later(record)
    for number, entry in enumerate(older.entries):
        if entry.leaf.kind in CITING:
            older = older.but(number, _with(entry, _without_number))
    assert kinds(older.data()) == set()


def _without_number(event: dict[str, Any]) -> None:
    for place in (event, event.get("basis"), event.get("decision")):
        if place and "configuration" in place:
            place["configuration"] = None
