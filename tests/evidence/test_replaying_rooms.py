"""Who made a change, who acts, and when: what was written in otherwise is found."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.violation import Initiator
from bot.evidence.leaf import moment
from tests.build import APPROVE, POLICY, START, ada, val, viv
from tests.evidence.exporting import Written, kinds, rewritten
from tests.evidence.forging import Happening, apart, changed, left_behind, number_in, with_event
from tests.evidence.test_verifying import ERASED


async def _story(happening: Happening) -> None:
    """One is the validator's own, one is made by a validator too, and one by somebody unknown."""
    own = await happening.come("own", Initiator(slack=val.slack))
    await happening.do(own, APPROVE, viv)
    both = await happening.come("both", Initiator(slack=ada.slack))
    await happening.come("both", Initiator(email="viv@acme.test"))
    await happening.do(both, APPROVE, val)
    unknown = await happening.come("unknown", Initiator(github="stranger"))
    await happening.do(unknown, APPROVE, val)


@pytest.fixture(scope="module")
def record(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Written:
    """What they leave behind."""
    return left_behind(_story, (POLICY,), sqlite_template, tmp_path_factory.mktemp("rooms"))


def _without_makers(record: Written) -> Written:
    """Nobody made the change, so that the validator who has may decide on it."""
    number = number_in(record, "opened", "own")
    entry = record.entries[number]
    personal = {path: each for path, each in entry.personal.items() if "makers" not in path}
    return with_event(
        record.but(number, replace(entry, personal=personal)), "opened", "own", makers=[]
    )


def _another_maker(record: Written) -> Written:
    """Somebody else made the change than its report names."""
    jude_made_it = [{"names": ["p3"], "accounts": apart([]), "known": True}]
    opened: dict[str, object] = {"event.makers.0.accounts": []}
    change = lambda payload: payload["event"].update(makers=jude_made_it)  # noqa: E731
    return changed(record, "opened", "own", change, opened)


def _in_an_older_form(record: Written) -> Written:
    """Nobody made the change, as was written before it was said who is behind one."""

    def change(payload: dict[str, Any]) -> None:
        del payload["event"]["makers"]
        payload["event"]["initiator"] = None

    number = number_in(record, "opened", "own")
    entry = record.entries[number]
    personal = {path: each for path, each in entry.personal.items() if "makers" not in path}
    record = record.but(number, replace(entry, personal=personal))
    return changed(record, "opened", "own", change, schema=1)


def _maker_whom_nobody_met(record: Written) -> Written:
    def change(payload: dict[str, Any]) -> None:
        payload["event"]["makers"][0].update(names=["p77"], known=True)

    return changed(record, "opened", "unknown", change)


def _known_without_a_name(record: Written) -> Written:
    """It isn't known who made the change, and one alone may allow it."""

    def change(payload: dict[str, Any]) -> None:
        payload["event"]["makers"][0].update(known=True)

    return changed(record, "opened", "unknown", change)


def _joined_by_nobody(record: Written) -> Written:
    """A validator who made what joins isn't behind it."""

    def change(payload: dict[str, Any]) -> None:
        payload["event"]["makers"][0].update(names=["p1"])

    return changed(record, "joined", "both", change)


def _with_the_makers_account(record: Written) -> Written:
    """Who made the change has approved it, and it is called another's approval."""
    theirs = val.accounts[0]

    def change(payload: dict[str, Any]) -> None:
        payload["account"] = apart(theirs)
        payload["event"]["decision"]["account"] = apart(theirs)

    opened: dict[str, object] = {"account": theirs, "event.decision.account": theirs}
    return changed(record, "decided", "own", change, opened)


def _two_accounts(record: Written) -> Written:
    """The decision was given with another account than it says."""

    def change(payload: dict[str, Any]) -> None:
        payload["event"]["decision"]["account"] = apart("slack:U0ELSE")

    return changed(record, "decided", "own", change, {"event.decision.account": "slack:U0ELSE"})


def _met_again(record: Written) -> Written:
    """Who made the change is somebody else from the decision on."""
    people = viv.model_dump(mode="json", exclude_none=True)

    def change(payload: dict[str, Any]) -> None:
        payload["people"] = {"p1": apart(people)}
        payload["event"]["decision"].update(by="p1")

    return changed(record, "decided", "own", change, {"people.p1": people}, actor="p1")


def _met_under_the_next_number(record: Written) -> Written:
    """The same, and the number is a new one."""
    people = val.model_dump(mode="json", exclude_none=True)

    def change(payload: dict[str, Any]) -> None:
        payload["people"] = {"p5": apart(people)}

    return changed(record, "decided", "own", change, {"people.p5": people})


def _met_with_the_makers_account(record: Written) -> Written:
    """Who made the change comes in once more by another name."""
    people = {"name": "valentine", "accounts": list(val.accounts)}

    def change(payload: dict[str, Any]) -> None:
        payload["people"] = {"p5": apart(people)}

    return changed(record, "decided", "own", change, {"people.p5": people})


def _decided_before_it_came(record: Written) -> Written:
    at = START - timedelta(days=30)
    change = lambda payload: payload["event"]["decision"].update(at=moment(at))  # noqa: E731
    return changed(record, "decided", "own", change, at=at)


FORGED: dict[Callable[[Written], Written], str] = {
    _without_makers: "own-violation",
    _another_maker: "own-violation",
    _in_an_older_form: "own-violation",
    _maker_whom_nobody_met: "decision",
    _known_without_a_name: "decision",
    _joined_by_nobody: "own-violation",
    _with_the_makers_account: "own-violation",
    _two_accounts: "decision",
    _met_again: "transition",
    _met_under_the_next_number: "transition",
    _met_with_the_makers_account: "own-violation",
    _decided_before_it_came: "sequence",
}
# What doesn't rest on a value that an erasure takes.
LASTING: dict[Callable[[Written], Written], str] = {
    _without_makers: "decision",
    _maker_whom_nobody_met: "decision",
    _known_without_a_name: "decision",
    _met_again: "transition",
    _decided_before_it_came: "sequence",
}


def test_what_they_leave_behind_is_sound(record: Written) -> None:
    assert {"joined", "proposed", "decided"} <= {each.leaf.kind for each in record.entries}
    assert kinds(record.data()) == set()


@pytest.mark.parametrize("forge", FORGED, ids=lambda forge: forge.__name__.strip("_"))
def test_what_does_not_follow_is_found_though_the_log_has_signed_it(
    record: Written, forge: Callable[[Written], Written]
) -> None:
    assert FORGED[forge] in kinds(forge(record).data())


@pytest.mark.parametrize("forge", LASTING, ids=lambda forge: forge.__name__.strip("_"))
def test_what_rests_on_no_value_is_found_after_an_erasure_too(
    record: Written, forge: Callable[[Written], Written]
) -> None:
    assert LASTING[forge] in kinds(_erased(forge(record)).data())


def test_clocks_of_several_machines_may_differ_by_minutes(record: Written) -> None:
    """A decision that another process has written a little earlier by its own clock is sound."""
    number = number_in(record, "opened", "own")
    at = record.entries[number].leaf.at - timedelta(minutes=4)
    until = moment(at + POLICY.holds)
    change = lambda payload: payload["event"]["decision"].update(  # noqa: E731
        at=moment(at), valid_until=until
    )
    record = changed(record, "decided", "own", change, at=at)
    granted = record.number("granted")
    payload = json.loads(record.entries[granted].leaf.payload)
    payload["event"].update(granted_at=moment(at), until=until)
    earlier = rewritten(record.entries[granted], payload=json.dumps(payload), at=at)
    assert kinds(record.but(granted, earlier).data()) == set()


def _erased(record: Written) -> Written:
    """The record after all that is personal was erased, of which there is no record."""
    return replace(
        record,
        entries=tuple(
            rewritten(each, {"erased": ERASED} if each.personal else {}) for each in record.entries
        ),
    )
