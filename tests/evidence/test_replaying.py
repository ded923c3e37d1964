"""What is well hashed and signed and yet breaks a rule is found, by the rule's name."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.evidence.export_lines import Entry
from bot.evidence.findings import Findings
from bot.evidence.leaf import moment
from bot.evidence.opened import Opening
from bot.evidence.replaying import Replay
from bot.storage.personal import canonical, commitment
from tests.evidence.exporting import Written, kinds, rewritten
from tests.evidence.stranger import by_stranger
from tests.evidence.test_verifying import ERASED

LONGER = timedelta(days=60)
SALT = "5" * 32


def _payload(entry: Entry) -> dict[str, Any]:
    return dict(json.loads(entry.leaf.payload))


def _with(entry: Entry, change: Callable[[dict[str, Any]], object], **leaf: Any) -> Entry:  # noqa: ANN401 - fields
    """The event with its content changed, and with these fields of its leaf."""
    payload = _payload(entry)
    change(payload["event"])
    return rewritten(entry, payload=json.dumps(payload), **leaf)


def _decided(record: Written, outcome: str) -> int:
    """Where the decision with this outcome stands."""
    return next(
        number
        for number, each in enumerate(record.entries)
        if each.leaf.kind == "decided" and _payload(each)["event"]["decision"]["outcome"] == outcome
    )


def _by_initiator(record: Written) -> Written:
    """Who made the change has approved it: the first whom the room has met."""
    number = _decided(record, "approved")
    change = lambda event: event["decision"].update(by="p1")  # noqa: E731
    return record.but(number, _with(record.entries[number], change, actor="p1"))


def _second(record: Written) -> Written:
    """A room that was approved is decided once more."""
    entry = record.entries[_decided(record, "approved")]
    last = max(
        each.leaf.seq
        for each in record.entries
        if each.leaf.stream_id == entry.leaf.stream_id and each.leaf.stream_kind == "war_room"
    )
    return record.adding(rewritten(entry, seq=last + 1))


def _too_early(record: Written) -> Written:
    """A room has run out an hour before its window."""
    number = _decided(record, "expired")
    entry = record.entries[number]
    at = entry.leaf.at - timedelta(hours=2)
    change = lambda event: event["decision"].update(at=moment(at))  # noqa: E731
    return record.but(number, _with(entry, change, at=at))


def _too_long(record: Written) -> Written:
    """An override, and the exception that it has made, hold longer than the policy lets them."""
    number = _decided(record, "overridden")
    until = moment(record.entries[number].leaf.at + LONGER)
    change = lambda event: event["decision"].update(valid_until=until)  # noqa: E731
    record = record.but(number, _with(record.entries[number], change))
    granted = next(
        place
        for place, each in enumerate(record.entries)
        if place > number and each.leaf.kind == "granted"
    )
    return record.but(
        granted, _with(record.entries[granted], lambda event: event.update(until=until))
    )


def _granted_longer(record: Written) -> Written:
    """An exception alone holds longer than what was decided."""
    number = record.number("granted")
    until = moment(record.entries[number].leaf.at + timedelta(days=29))
    return record.but(
        number, _with(record.entries[number], lambda event: event.update(until=until))
    )


def _by_validator(record: Written) -> Written:
    """The validator has overridden, which is the adjudicator's alone."""
    number = _decided(record, "overridden")
    entry = record.entries[number]
    by = record.entries[_decided(record, "approved")].leaf.actor
    change = lambda event: event["decision"].update(by=by, owner=by)  # noqa: E731
    return record.but(number, _with(entry, change, actor=by))


def _not_matching(record: Written) -> Written:
    """What a rule has cleared left the house."""
    number, path = record.number("auto_cleared"), "event.violation.report.facts"
    entry = record.entries[number]
    facts = {"to": "customers"}
    opened = {**entry.personal, path: (SALT, canonical(facts).decode())}
    change = lambda event: event["violation"]["report"].update(  # noqa: E731
        facts=commitment(SALT, facts)
    )
    return record.but(number, replace(_with(entry, change), personal=opened))


def _no_such_rule(record: Written) -> Written:
    """The rule that is cited isn't in its policy."""
    number = record.number("auto_cleared")
    change = lambda event: event["rule"].update(id="agreed-on-the-phone")  # noqa: E731
    return record.but(number, _with(record.entries[number], change))


def _no_such_policy(record: Written) -> Written:
    """A room was opened under a policy that nobody has loaded."""
    number = record.number("opened")
    change = lambda event: event.update(policy_digest="sha256:" + "0" * 64)  # noqa: E731
    return record.but(number, _with(record.entries[number], change))


def _no_such_step(record: Written) -> Written:
    """A decided room is handed back to the open ones by an answer that came too late."""
    number = _decided(record, "approved")
    entry = record.entries[number]
    payload = {"state": "open", "event": {"kind": "closed"}}
    return record.but(
        number, rewritten(entry, {}, payload=json.dumps(payload), kind="closed", schema=1)
    )


def _cleared_twice(record: Written) -> Written:
    """A violation is cleared once more."""
    entry = record.entries[record.number("auto_cleared")]
    return record.adding(rewritten(entry, seq=2))


def _too_short(record: Written) -> Written:
    """An override in two words."""
    number, path, words = _decided(record, "overridden"), "event.decision.reason", "It's fine."
    entry = record.entries[number]
    opened = {**entry.personal, path: (SALT, canonical(words).decode())}
    change = lambda event: event["decision"].update(reason=commitment(SALT, words))  # noqa: E731
    return record.but(number, replace(_with(entry, change), personal=opened))


def _granted_under_another_number(record: Written) -> Written:
    """An exception beside the one that a room's decision has made: a second one of that room."""
    entry = record.entries[record.number("granted")]
    return record.adding(rewritten(entry, stream_id="elsewhere1"))


def _role_written_in(record: Written) -> Written:
    """A room was opened with its validator on duty as the adjudicator too."""
    number = record.number("opened")

    def change(event: dict[str, Any]) -> None:
        validator, adjudicator = event["assignments"]
        adjudicator["on_duty"] = validator["on_duty"]

    return record.but(number, _with(record.entries[number], change))


FORGED: dict[Callable[[Written], Written], str] = {
    _by_initiator: "own-violation",
    _second: "second-decision",
    _too_early: "early-expiry",
    _too_long: "over-maximum",
    _granted_longer: "decision",
    _granted_under_another_number: "transition",
    _by_validator: "not-entitled",
    _role_written_in: "not-entitled",
    _not_matching: "rule",
    _no_such_rule: "cited",
    _no_such_policy: "cited",
    _no_such_step: "transition",
    _too_short: "decision",
    _cleared_twice: "second-decision",
}


@pytest.mark.parametrize("forge", FORGED, ids=lambda forge: forge.__name__.strip("_"))
def test_what_a_rule_forbids_is_found_though_the_log_has_signed_it(
    record: Written, forge: Callable[[Written], Written]
) -> None:
    assert FORGED[forge] in kinds(forge(record).data())


@pytest.mark.parametrize("forge", [_by_initiator, _second])
def test_the_strangers_verifier_finds_a_second_decision_and_ones_own(
    record: Written, forge: Callable[[Written], Written]
) -> None:
    assert by_stranger(forge(record).data()) == {FORGED[forge]}


@pytest.mark.parametrize("forge", [_by_initiator, _second, _too_early, _too_long, _by_validator])
def test_it_is_found_after_an_erasure_too(
    record: Written, forge: Callable[[Written], Written]
) -> None:
    forged = forge(record)
    entries = tuple(
        rewritten(each, {"erased": ERASED} if each.personal else {}) for each in forged.entries
    )
    assert FORGED[forge] in kinds(replace(forged, entries=entries).data())


def test_streams_at_rest_are_judged_as_those_that_are_awake(record: Written) -> None:
    """Where one state alone is held as it is."""
    for forged, expected in (
        (record, set()),
        (_granted_longer(record), {"decision", "over-maximum"}),
    ):
        findings = Findings()
        replay = Replay(findings, awake=1)
        for document in forged.documents:
            replay.document(document)
        for entry in forged.entries:
            replay.event(1, Opening.of(entry), sound=True)
        replay.close()
        assert {str(each.kind) for each in findings.kept} == expected
