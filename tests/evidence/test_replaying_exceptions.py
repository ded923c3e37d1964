"""An exception that its room didn't decide so, or that goes on by somebody without the right."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.evidence.export_lines import Entry, Personal
from bot.evidence.leaf import moment
from bot.storage.personal import canonical, commitment
from tests.evidence.exporting import Written, kinds, rewritten
from tests.evidence.test_replaying import SALT, _decided, _payload, _with
from tests.evidence.test_verifying import ERASED

LATER = timedelta(days=13)
REASON = "Needed for two weeks more, since the retraining is late: ticket 4712."
EVE = {"accounts": ["slack:U0EVE", "email:eve@acme.test"], "name": "eve"}


def _granted(record: Written) -> int:
    """Where the exception stands that the override has made."""
    return _decided(record, "overridden") + 1


def _next(
    record: Written,
    like: Entry,
    actor: str,
    event: dict[str, Any],
    *,
    at: datetime,
    state: str,
    people: dict[str, Any] | None = None,
) -> Written:
    """The record with one event more in the stream of `like`; its reason stands apart."""
    stream = (like.leaf.stream_kind, like.leaf.stream_id)
    last = max(
        each.leaf.seq
        for each in record.entries
        if (each.leaf.stream_kind, each.leaf.stream_id) == stream
    )
    payload: dict[str, Any] = {"state": state}
    apart: Personal = {}
    if people:
        payload["people"] = {name: commitment(SALT, each) for name, each in people.items()}
        apart = {
            f"people.{name}": (SALT, canonical(each).decode()) for name, each in people.items()
        }
    payload["event"] = dict(event)
    if "reason" in event:
        payload["event"]["reason"] = commitment(SALT, event["reason"])
        apart = {**apart, "event.reason": (SALT, canonical(event["reason"]).decode())}
    leaf = replace(
        like.leaf,
        seq=last + 1,
        kind=event["kind"],
        schema=1,
        actor=actor,
        at=at,
        payload=json.dumps(payload),
    )
    return record.adding(Entry.of(leaf, apart))


def _renewed(record: Written, actor: str, people: dict[str, Any] | None = None) -> Written:
    """The exception goes on by somebody's word, in the adjudicator's role."""
    granted = record.entries[_granted(record)]
    at = granted.leaf.at + LATER
    event = {
        "kind": "renewed",
        "role": "adjudicator",
        "reason": REASON,
        "until": moment(at + timedelta(days=14)),
        "review_at": None,
    }
    return _next(record, granted, actor, event, at=at, state="active", people=people)


def _revoked(record: Written, actor: str, people: dict[str, Any] | None = None) -> Written:
    granted = record.entries[_granted(record)]
    event = {"kind": "revoked", "role": "adjudicator", "reason": REASON}
    at = granted.leaf.at + LATER
    return _next(record, granted, actor, event, at=at, state="revoked", people=people)


def _with_grant(record: Written, change: Callable[[dict[str, Any]], object]) -> Written:
    number = _granted(record)
    return record.but(number, _with(record.entries[number], change))


def _without_initiators(record: Written) -> Written:
    """Nobody has made the change, by its exception."""
    return _with_grant(record, lambda event: event.update(initiators=[]))


def _renewed_by_maker(record: Written) -> Written:
    """And so who made it lets it go on."""
    return _renewed(_without_initiators(record), "p1")


def _renewed_by_nobody(record: Written) -> Written:
    """Somebody without any role lets it go on."""
    return _renewed(record, "p3", {"p3": EVE})


def _revoked_by_nobody(record: Written) -> Written:
    """Somebody without any role ends it."""
    return _revoked(record, "p3", {"p3": EVE})


def _owned_by_maker(record: Written) -> Written:
    """Who made the change owns what it may go on with."""
    return _with_grant(record, lambda event: event.update(owner="p1"))


def _agreed_by_maker(record: Written) -> Written:
    """A second person stood behind it, by its exception alone."""
    return _with_grant(record, lambda event: event.update(agreed=["p1"]))


def _in_another_role(record: Written) -> Written:
    """It was approved by an adjudicator, says the exception; by a validator, says the room."""
    number = _decided(record, "approved") + 1
    return record.but(
        number, _with(record.entries[number], lambda event: event.update(role="adjudicator"))
    )


def _under_another_load(record: Written) -> Written:
    """It cites another place and another load of the configuration than its decision."""
    change = lambda event: event.update(policy_place="a.yaml:9", configuration=1)  # noqa: E731
    return _with_grant(record, change)


def _covering(record: Written, **changes: Any) -> Written:  # noqa: ANN401 - fields of a cover
    """The exception covers this besides what it covers."""
    number, path = _granted(record), "event.covers"
    covers = json.loads(record.entries[number].personal[path][1])
    covers.append({**covers[0], **changes})
    forged = _with_grant(record, lambda event: event.update(covers=commitment(SALT, covers)))
    beside = {**forged.entries[number].personal, path: (SALT, canonical(covers).decode())}
    return forged.but(number, replace(forged.entries[number], personal=beside))


def _covers_another(record: Written) -> Written:
    """What has other facts, or is another commit's."""
    return _covering(record, key="0" * 64)


def _covers_graver(record: Written) -> Written:
    """The same, and graver than what was decided on."""
    return _covering(record, severity="critical")


def _covers_without_scope(record: Written) -> Written:
    """It has no scope, and covers something."""
    return _with_grant(record, lambda event: event.update(scope=None))


def _room_says_so(record: Written, **changes: Any) -> Written:  # noqa: ANN401 - fields of the event
    """The room tells that its exception goes on, which nobody has decided."""
    room = record.entries[_decided(record, "overridden")]
    at = room.leaf.at + timedelta(days=1)
    event = {
        "kind": "exception_renewed",
        "until": moment(at + timedelta(days=3650)),
        "by": "p1",
        "reason": REASON,
        "notify": [],
        **changes,
    }
    return _next(record, room, "system:warroom", event, at=at, state="decided")


def _room_ends_it(record: Written) -> Written:
    """The room tells that its exception is over, which is active."""
    room = record.entries[_decided(record, "overridden")]
    at = room.leaf.at + timedelta(days=1)
    event = {"kind": "exception_ended", "ended_at": moment(at), "notify": []}
    return _next(record, room, "system:warroom", event, at=at, state="decided")


def _room_tells_another_author(record: Written) -> Written:
    """The adjudicator lets it go on, and the room says that who made the change did."""
    renewed = _renewed(record, "p2")
    until = _payload(renewed.entries[-1])["event"]["until"]
    return _room_says_so(renewed, until=until)


def _waived_for_its_adjudicator(record: Written) -> Written:
    """It waives what its adjudicator has made, by the report; nobody has made it, by the event."""
    granted = record.entries[_granted(record)]
    opened = next(
        each
        for each in record.entries
        if each.leaf.stream_id == granted.leaf.stream_id and each.leaf.kind == "opened"
    )
    violation, path = _payload(opened)["event"]["violation"], "event.violation.report.initiator"
    jude = {"email": None, "github": None, "name": None, "slack": "U0JUDE"}
    violation["id"] = "anotherviolation"
    violation["report"]["initiator"] = commitment(SALT, jude)
    beside = {name: each for name, each in opened.personal.items() if "violation" in name}
    waived = {
        "kind": "waived",
        "violation": violation,
        "policy_digest": _payload(granted)["event"]["policy_digest"],
        "basis": _payload(opened)["event"]["basis"],
        "makers": [],
    }
    at = granted.leaf.at + timedelta(days=1)
    forged = _next(record, granted, "system:warroom", waived, at=at, state="active")
    beside[path] = (SALT, canonical(jude).decode())
    return forged.but(len(record.entries), rewritten(forged.entries[-1], beside))


FORGED: dict[Callable[[Written], Written], str] = {
    _without_initiators: "decision",
    _renewed_by_maker: "own-violation",
    _renewed_by_nobody: "not-entitled",
    _revoked_by_nobody: "not-entitled",
    _owned_by_maker: "decision",
    _agreed_by_maker: "decision",
    _in_another_role: "decision",
    _under_another_load: "decision",
    _covers_another: "decision",
    _covers_graver: "decision",
    _covers_without_scope: "decision",
    _waived_for_its_adjudicator: "own-violation",
    _room_says_so: "decision",
    _room_ends_it: "early-expiry",
    _room_tells_another_author: "decision",
}


@pytest.mark.parametrize("forge", FORGED, ids=lambda forge: forge.__name__.strip("_"))
def test_what_a_rule_forbids_an_exception_is_found_though_the_log_has_signed_it(
    record: Written, forge: Callable[[Written], Written]
) -> None:
    assert FORGED[forge] in kinds(forge(record).data())


def test_what_its_adjudicator_lets_go_on_or_ends_is_sound(record: Written) -> None:
    """By the name that the exception has met them by, or as somebody whom it meets now."""
    for order in (_renewed, _revoked):
        assert kinds(order(record, "p2").data()) == set()
    bea = {"accounts": ["slack:U0BACK", "email:bea@acme.test"], "name": "bea"}
    assert kinds(_renewed(record, "p3", {"p3": bea}).data()) == set()


def test_a_role_that_rests_on_names_alone_is_left_out_where_values_are_gone(
    record: Written,
) -> None:
    """The room and its exception call the same people otherwise then."""
    renewed = _renewed(record, "p2")
    entries = tuple(
        rewritten(each, {"erased": ERASED} if each.personal else {}) for each in renewed.entries
    )
    found = kinds(replace(renewed, entries=entries).data())
    assert found <= {"commitment"}
