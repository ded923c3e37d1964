from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings

from bot.domain import commands as c
from bot.domain.makers import MadeBy, Maker
from bot.domain.person import SLACK, unnamed
from bot.domain.policy import Need, OverrideRule, Policy, ReasonRule, Role
from bot.domain.violation import Severity, Subject, Violation
from bot.domain.war_room import Category, WarRoom
from bot.integrations.slack.show.inputs import notice
from bot.integrations.slack.show.modals import Reference, form_modal, open_modal, reference
from bot.integrations.slack.verbs.entries import InvalidInputError, entries_of
from bot.integrations.slack.verbs.registry import VERBS
from bot.integrations.slack.verbs.verb import Form, FormContext
from bot.storage.store import Store
from tests.build import ADA, JUDE, JUSTIFICATION, POLICY, START, room, val, violation
from tests.holding import Holding
from tests.slack.hostile import HOSTILE, crowds, facts, policies, rooms
from tests.slack.reading import assert_slack_takes_view, parts, words

STORED = Holding(violation())
ABOUT = Reference("room000001")
FORMS = {verb.action_id: verb.act for verb in VERBS if isinstance(verb.act, Form)}


def shown(action_id: str, context: FormContext, since: int = 0) -> dict[str, Any]:
    """The modal of a verb, in a room of whose initiators one is unknown."""
    stranger, place = MadeBy(makers=(Maker(accounts=("github:stranger",)),)), context.room
    place = place.but(contents=place.contents.but(made_by=(*place.contents.made_by, stranger)))
    return form_modal(FORMS[action_id], replace(context, room=place), ABOUT, since=since)


def modal(
    action_id: str, place: WarRoom, policy: Policy = POLICY, stored: Store = STORED
) -> dict[str, Any]:
    """The modal that a button of val's opens."""
    return shown(action_id, FormContext(place, policy, {}, START, name=val.name, store=stored))


def command(action_id: str, view: dict[str, Any]) -> c.Command:
    """What the modal means once it is sent in."""
    return FORMS[action_id].read(entries_of(view), START)


def inputs(view: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        block["block_id"]: block["element"] for block in view["blocks"] if block["type"] == "input"
    }


def values(view: dict[str, Any], block: str) -> list[str]:
    return [option["value"] for option in inputs(view)[block]["options"]]


def sent(**entered: dict[str, Any]) -> dict[str, Any]:
    return {"state": {"values": {name: {name: entry} for name, entry in entered.items()}}}


def typed(value: str) -> dict[str, Any]:
    return {"type": "plain_text_input", "value": value}


def chosen(value: str) -> dict[str, Any]:
    return {"type": "static_select", "selected_option": {"value": value}}


@settings(max_examples=30, deadline=None)
@given(rooms(), policies(), crowds(), facts)
def test_slack_takes_every_modal_whatever_came_in(
    place: WarRoom, policy: Policy, more: tuple[Violation, ...], found: dict[str, Any]
) -> None:
    """Shown for the first time, or anew with what joined since."""
    store = Holding(place.violation, *more)
    about = FormContext(place, policy, found, START, name=val.name, store=store)
    for action_id in FORMS:
        assert_slack_takes_view(shown(action_id, about))
        assert_slack_takes_view(shown(action_id, about, since=place.count))
    assert_slack_takes_view(open_modal({policy.id: policy}))
    assert_slack_takes_view(notice(HOSTILE[:24], "Hello"))


@pytest.mark.parametrize("action_id", FORMS)
def test_callback_and_blocks_are_named_alike(action_id: str) -> None:
    view = modal(action_id, room())
    assert view["callback_id"] == f"{action_id}_modal"
    assert all(name == element["action_id"] for name, element in inputs(view).items())
    assert reference(view["private_metadata"]) == ABOUT


def test_the_blocks_of_each_modal() -> None:
    assert {action_id: set(inputs(modal(action_id, room()))) for action_id in FORMS} == {
        "approve": {"reason"},
        "override": {"justification", "category", "validity", "review"},
        "reject": {"reason"},
        "dismiss": {"reason"},
        "withdraw": set(),
        "request_info": {"question"},
        "explain": {"text"},
        "extend": {"by", "reason"},
        "handoff": {"to"},
        "set_apart": {"violation"},
        "identify": {"account", "person"},
    }


def test_an_override_asks_what_the_policy_asks() -> None:
    rule = OverrideRule(min_justification=80, max_validity=timedelta(days=10))
    view = modal("override", room(), POLICY.but(override=rule))
    assert inputs(view)["justification"]["min_length"] == 80
    assert values(view, "category") == ["waiver", "mitigated"]
    assert values(view, "validity")[-2:] == ["7d", "10d"]


def test_an_extension_offers_what_is_left_and_no_more() -> None:
    longer = room().but(expires_at=START + timedelta(hours=6, minutes=30))
    assert values(modal("extend", longer), "by")[-2:] == ["1h", "90m"]


def test_a_role_is_handed_off_to_those_who_are_eligible() -> None:
    view = modal("handoff", room())
    assert values(view, "to") == ["validator:U0VIV"]
    assert inputs(view)["to"]["options"][0]["text"]["text"] == "viv, validator"


def test_a_report_by_hand_presets_nobody_as_who_made_it() -> None:
    view = open_modal({POLICY.id: POLICY})
    assert inputs(view)["initiator"] == {"type": "users_select", "action_id": "initiator"}
    optional = {block["block_id"] for block in parts(view) if block.get("optional")}
    assert optional == {"severity", "subject", "description", "url"}


def test_a_bare_room_id_is_a_reference_too() -> None:
    assert reference("room000001") == ABOUT
    assert reference("42") == Reference("42")


def test_an_override_is_read_from_whatever_input_it_comes() -> None:
    expected = c.Override(
        justification=JUSTIFICATION, category=Category.MITIGATED, validity=timedelta(days=30)
    )
    for validity in (typed("30d"), chosen("30d"), {"selected_date": "2026-12-20"}):
        view = sent(
            justification=typed(JUSTIFICATION), category=chosen("mitigated"), validity=validity
        )
        at = START.replace(hour=0) if "selected_date" in validity else START
        assert FORMS["override"].read(entries_of(view), at) == expected


@pytest.mark.parametrize(
    ("action_id", "view", "blocks"),
    [
        ("override", sent(), {"category", "validity"}),
        ("override", sent(category=chosen("waiver"), validity=typed("soon")), {"validity"}),
        ("extend", sent(reason=typed("x")), {"by"}),
        ("handoff", sent(to=chosen("king:U0VIV")), {"to"}),
        ("handoff", sent(to=chosen("validator:")), {"to"}),
    ],
)
def test_what_cannot_be_read_is_an_error_of_its_block(
    action_id: str, view: dict[str, Any], blocks: set[str]
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        command(action_id, view)
    assert set(caught.value.errors) == blocks


def test_the_other_forms_are_read() -> None:
    assert command("reject", sent(reason=typed(" no "))) == c.Reject(reason="no")
    assert command("dismiss", sent(reason=typed("no"))) == c.Dismiss(reason="no")
    assert command("explain", sent(text=typed("so"))) == c.Explain(text="so")
    assert command("request_info", sent(question=typed("?"))) == c.RequestInfo(question="?")
    extended = command("extend", sent(by=chosen("90m"), reason=typed("x")))
    assert extended == c.Extend(by=timedelta(minutes=90), reason="x")
    handed = command("handoff", sent(to=chosen(f"adjudicator:{JUDE}")))
    assert handed == c.HandOff(role=Role.ADJUDICATOR, to=unnamed(SLACK, JUDE))
    assert command("set_apart", sent(violation=chosen("v1"))) == c.Split(violation_id="v1")


@pytest.mark.parametrize("state", [None, {}, {"values": None}, {"values": {"reason": None}}])
def test_an_empty_state_is_an_empty_form(state: object) -> None:
    assert command("reject", {"state": state}) == c.Reject(reason="")


def test_a_modal_that_decides_shows_what_is_decided() -> None:
    """Title, subject, who made it, the facts and the deadline; nothing is preset."""
    subject, found = {"kind": "model", "name": "ranker"}, {"dataset": "customers_eu"}
    place = room()
    report = place.violation.report.but(subject=Subject.model_validate(subject))
    first = place.violation.but(report=report)
    place = place.but(contents=place.contents.but(first=first))
    for action_id in ("approve", "override", "reject", "dismiss"):
        context = FormContext(place, POLICY, found, START, name=val.name, store=STORED)
        view = form_modal(FORMS[action_id], context, ABOUT)
        for shown in (
            "ranker fine-tuned",
            "model ranker",
            "customers_eu",
            f"<@{ADA}>",
            "decide by",
            "the change stays blocked",
            POLICY.title,
        ):
            assert shown in words(view), (action_id, shown)
        for element in inputs(view).values():
            assert not {"initial_option", "initial_value"} & element.keys(), action_id


def test_an_approval_asks_for_a_reason_where_its_policy_needs_one() -> None:
    def asked(action_id: str, severity: Severity, rule: ReasonRule) -> bool:
        policy = POLICY.but(reasons=rule, severity=Severity.LOW)
        view = modal(action_id, room().but(severity=severity), policy)
        block = next(block for block in view["blocks"] if block.get("block_id") == "reason")
        return not block.get("optional", False)

    default, optional = ReasonRule(), ReasonRule(approve=Need.OPTIONAL, dismiss=Need.OPTIONAL)
    for severity in Severity:
        weighty = severity in (Severity.HIGH, Severity.CRITICAL)
        assert asked("approve", severity, default) is weighty
        assert asked("dismiss", severity, default)
        assert not asked("approve", severity, optional)
        assert not asked("dismiss", severity, optional)
        assert asked("approve", severity, ReasonRule(approve=Need.REQUIRED))


def test_a_modal_that_is_shown_anew_holds_what_was_entered() -> None:
    entries = {
        "justification": JUSTIFICATION,
        "category": "mitigated",
        "validity": "7d",
        "review": "2026-11-24",
    }
    context = FormContext(room(), POLICY, {}, START, name=val.name, store=STORED)
    elements = inputs(form_modal(FORMS["override"], context, ABOUT, entries))
    assert elements["justification"]["initial_value"] == JUSTIFICATION
    assert elements["category"]["initial_option"]["value"] == "mitigated"
    assert elements["validity"]["initial_option"]["value"] == "7d"
    assert elements["review"]["initial_date"] == "2026-11-24"
    gone = inputs(form_modal(FORMS["override"], context, ABOUT, {"validity": "400d"}))
    assert "initial_option" not in gone["validity"]
