"""A clearance that its rule doesn't give: another owner's, or of what its owner has made."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.storage.personal import canonical, commitment
from tests.evidence.exporting import Written, kinds
from tests.evidence.test_replaying import SALT, _with

JUDE = {"email": None, "github": None, "name": None, "slack": "U0JUDE"}


def _with_value(
    record: Written,
    path: str,
    value: object,
    change: Callable[[dict[str, Any], str], object],
) -> Written:
    """The clearance with another value in this place, well committed to."""
    number = record.number("auto_cleared")
    entry = record.entries[number]
    forged = _with(entry, lambda event: change(event, commitment(SALT, value)))
    beside = {**entry.personal, path: (SALT, canonical(value).decode())}
    return record.but(number, replace(forged, personal=beside))


def _of_its_owners(record: Written) -> Written:
    """The rule's owner has made what it clears, by the report."""
    path = "event.violation.report.initiator"
    return _with_value(
        record, path, JUDE, lambda event, to: event["violation"]["report"].update(initiator=to)
    )


def _for_another_reason(record: Written) -> Written:
    """Its rule gives another reason."""
    words = "Nobody will ask."
    return _with_value(record, "event.reason", words, lambda event, to: event.update(reason=to))


def _owned_by_nobody(record: Written) -> Written:
    """Nobody answers for what a rule has cleared."""
    number = record.number("auto_cleared")
    return record.but(number, _with(record.entries[number], lambda event: event.update(owner=None)))


FORGED: dict[Callable[[Written], Written], str] = {
    _of_its_owners: "own-violation",
    _for_another_reason: "rule",
    _owned_by_nobody: "rule",
}


@pytest.mark.parametrize("forge", FORGED, ids=lambda forge: forge.__name__.strip("_"))
def test_what_its_rule_does_not_give_is_found(
    record: Written, forge: Callable[[Written], Written]
) -> None:
    assert kinds(forge(record).data()) == {FORGED[forge]}
