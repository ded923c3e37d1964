from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings

from bot.domain import commands as c
from bot.domain.policy import OverrideRule, Policy, Role
from bot.domain.war_room import Category, WarRoom
from bot.integrations.slack.hear import forms
from bot.integrations.slack.show import modals
from bot.integrations.slack.show.inputs import notice
from bot.integrations.slack.show.modals import Reference
from bot.policies.people import Directory, Person
from tests.build import JUDE, JUSTIFICATION, POLICY, START, VAL, VIV, room
from tests.slack.hostile import HOSTILE, policies, rooms
from tests.slack.reading import assert_slack_takes_view, parts

PEOPLE = Directory(people={"viv": Person(key="viv", slack=VIV)})
ABOUT = Reference("room000001")
MODALS: tuple[Callable[[WarRoom, Policy, Reference], dict[str, Any]], ...] = (
    modals.override_modal,
    modals.reject_modal,
    modals.dismiss_modal,
    modals.request_info_modal,
    modals.explain_modal,
    modals.extend_modal,
    modals.set_apart_modal,
)


def inputs(view: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        block["block_id"]: block["element"] for block in view["blocks"] if block["type"] == "input"
    }


def values(view: dict[str, Any], block: str) -> list[str]:
    return [option["value"] for option in inputs(view)[block]["options"]]


def sent(callback_id: str, **entered: dict[str, Any]) -> dict[str, Any]:
    state = {"values": {name: {name: entry} for name, entry in entered.items()}}
    return {"callback_id": callback_id, "state": state}


def typed(value: str) -> dict[str, Any]:
    return {"type": "plain_text_input", "value": value}


def chosen(value: str) -> dict[str, Any]:
    return {"type": "static_select", "selected_option": {"value": value}}


@settings(max_examples=30, deadline=None)
@given(rooms(), policies())
def test_slack_takes_every_modal_whatever_came_in(place: WarRoom, policy: Policy) -> None:
    for build in MODALS:
        assert_slack_takes_view(build(place, policy, ABOUT))
    assert_slack_takes_view(modals.handoff_modal(place, policy, ABOUT, VAL, PEOPLE))
    assert_slack_takes_view(modals.open_modal({policy.id: policy}, VAL))
    assert_slack_takes_view(notice(HOSTILE[:24], "Hello"))


@pytest.mark.parametrize("build", MODALS, ids=lambda build: build.__name__)
def test_callback_and_blocks_are_named_alike(
    build: Callable[[WarRoom, Policy, Reference], dict[str, Any]],
) -> None:
    view = build(room(), POLICY, ABOUT)
    assert view["callback_id"] == build.__name__
    assert all(name == element["action_id"] for name, element in inputs(view).items())
    assert modals.reference(view["private_metadata"]) == ABOUT


def test_the_blocks_of_each_modal() -> None:
    named = {build.__name__: set(inputs(build(room(), POLICY, ABOUT))) for build in MODALS}
    assert named == {
        "override_modal": {"justification", "category", "validity"},
        "reject_modal": {"reason"},
        "dismiss_modal": {"reason"},
        "request_info_modal": {"question"},
        "explain_modal": {"text"},
        "extend_modal": {"by", "reason"},
        "set_apart_modal": {"violation"},
    }


def test_an_override_asks_what_the_policy_asks() -> None:
    rule = OverrideRule(min_justification=80, max_validity=timedelta(days=10))
    view = modals.override_modal(room(), POLICY.model_copy(update={"override": rule}), ABOUT)
    assert inputs(view)["justification"]["min_length"] == 80
    assert values(view, "category") == ["waiver", "mitigated"]
    assert values(view, "validity")[-2:] == ["7d", "10d"]


def test_an_extension_offers_what_is_left_and_no_more() -> None:
    longer = room().model_copy(update={"expires_at": START + timedelta(hours=6, minutes=30)})
    assert values(modals.extend_modal(longer, POLICY, ABOUT), "by")[-2:] == ["1h", "90m"]


def test_a_role_is_handed_off_to_those_who_are_eligible() -> None:
    view = modals.handoff_modal(room(), POLICY, ABOUT, VAL, PEOPLE)
    assert values(view, "to") == ["validator:U0VIV"]
    assert inputs(view)["to"]["options"][0]["text"]["text"] == "viv, validator"


def test_a_report_by_hand_names_its_reporter_as_initiator_at_first() -> None:
    view = modals.open_modal({POLICY.id: POLICY}, VAL)
    assert inputs(view)["initiator"]["initial_user"] == VAL
    optional = {block["block_id"] for block in parts(view) if block.get("optional")}
    assert optional == {"severity", "subject", "description", "url"}


def test_a_bare_room_id_is_a_reference_too() -> None:
    assert modals.reference("room000001") == ABOUT
    assert modals.reference("42") == Reference("42")


def test_an_override_is_read_from_whatever_input_it_comes() -> None:
    expected = c.Override(
        justification=JUSTIFICATION, category=Category.MITIGATED, validity=timedelta(days=30)
    )
    for validity in (typed("30d"), chosen("30d"), {"selected_date": "2026-12-20"}):
        view = sent(
            "override_modal",
            justification=typed(JUSTIFICATION),
            category=chosen("mitigated"),
            validity=validity,
        )
        at = START.replace(hour=0) if "selected_date" in validity else START
        assert forms.command(view, at) == expected


@pytest.mark.parametrize(
    ("view", "blocks"),
    [
        (sent("override_modal"), {"category", "validity"}),
        (sent("override_modal", category=chosen("waiver"), validity=typed("soon")), {"validity"}),
        (sent("extend_modal", reason=typed("x")), {"by"}),
        (sent("handoff_modal", to=chosen("king:U0VIV")), {"to"}),
        (sent("handoff_modal", to=chosen("validator:")), {"to"}),
    ],
)
def test_what_cannot_be_read_is_an_error_of_its_block(
    view: dict[str, Any], blocks: set[str]
) -> None:
    with pytest.raises(forms.InvalidInputError) as caught:
        forms.command(view, START)
    assert set(caught.value.errors) == blocks


def test_the_other_forms_are_read() -> None:
    now = START
    assert forms.command(sent("reject_modal", reason=typed(" no ")), now) == c.Reject(reason="no")
    assert forms.command(sent("dismiss_modal", reason=typed("no")), now) == c.Dismiss(reason="no")
    assert forms.command(sent("explain_modal", text=typed("so")), now) == c.Explain(text="so")
    asked = forms.command(sent("request_info_modal", question=typed("?")), now)
    assert asked == c.RequestInfo(question="?")
    extended = forms.command(sent("extend_modal", by=chosen("90m"), reason=typed("x")), now)
    assert extended == c.Extend(by=timedelta(minutes=90), reason="x")
    handed = forms.command(sent("handoff_modal", to=chosen(f"adjudicator:{JUDE}")), now)
    assert handed == c.HandOff(role=Role.ADJUDICATOR, to=JUDE)


@pytest.mark.parametrize("state", [None, {}, {"values": None}, {"values": {"reason": None}}])
def test_an_empty_state_is_an_empty_form(state: object) -> None:
    view = {"callback_id": "reject_modal", "state": state}
    assert forms.command(view, START) == c.Reject(reason="")
