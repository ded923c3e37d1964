import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings

from bot.domain import access
from bot.domain import commands as c
from bot.domain import reported as r
from bot.domain.lifecycle import open_room
from bot.domain.makers import Attributed
from bot.domain.person import SLACK, unnamed
from bot.domain.policy import OnExpiry, Policy, Role
from bot.domain.violation import Origin, Severity
from bot.domain.war_room import WarRoom
from bot.integrations.slack.show import blocks, cards, details, home, participants
from bot.integrations.slack.show.links import commit, links
from bot.integrations.slack.show.markup import mrkdwn
from bot.integrations.slack.show.violation import happened
from bot.integrations.slack.verbs.registry import VERBS
from bot.integrations.slack.verbs.verb import AtOnce
from tests.build import (
    EVERYBODY,
    POLICY,
    START,
    ada,
    eve,
    jude,
    made_by,
    room,
    rules,
    val,
    violation,
    viv,
)
from tests.slack.hostile import (
    ON_DUTY,
    after,
    asked,
    decided,
    expired,
    facts,
    holding,
    policies,
    rooms,
)
from tests.slack.reading import (
    about,
    assert_slack_takes,
    assert_slack_takes_view,
    buttons,
    choices,
    parts,
    verbs,
    words,
)

BUTTONS = ["ack", "approve", "override"]
MENU = ["reject", "dismiss", "withdraw", "request_info", "extend", "handoff"]
LINKS = 3000


@settings(max_examples=60, deadline=None)
@given(rooms(), policies(), facts)
def test_slack_takes_every_card_and_page_whatever_came_in(
    room: WarRoom, policy: Policy, found: dict[str, Any]
) -> None:
    told = about(room, policy, found)
    assert_slack_takes(cards.card(told, VERBS))
    for who in ON_DUTY:
        assert_slack_takes(cards.page(told, who.name, VERBS))
        assert_slack_takes(cards.status(told, who.name, VERBS))
        assert_slack_takes_view(home.home(who, [room], {room.id: policy}, VERBS, START))


@pytest.mark.parametrize("mark", ['"', "&", "\\", "💥", "x"])
@pytest.mark.parametrize("count", [5, 12, 200])
def test_what_is_too_long_at_any_detail_leaves_paragraphs_out_and_says_so(
    mark: str, count: int
) -> None:
    first = [blocks.section("How it stands."), blocks.section("What happened.")]
    row = [*blocks.actions([{"type": "button", "action_id": "ack"}]), blocks.context("In grey.")]
    told = [each for _ in range(count) for each in blocks.quoted("Val said:", mark * 900)]
    shown = blocks.fitting(lambda _: [*first, *told, *row], leaves_out=True)
    assert len(json.dumps(shown, ensure_ascii=False)) <= blocks.MESSAGE_SIZE
    assert [*first, *row] == [each for each in shown if each in (*first, *row)]
    assert shown[-1] == row[-1]
    assert (blocks.context(blocks.LEFT_OUT) in shown) == (len(shown) < len([*first, *told, *row]))


def test_an_open_card_has_three_buttons_and_everything_else_in_one_menu() -> None:
    card = cards.card(about(room()), VERBS)
    assert buttons(card.blocks) == BUTTONS
    assert choices(card.blocks) == [*MENU, "details"]


def test_each_button_and_choice_says_which_room_it_is_about() -> None:
    (row,) = (block for block in cards.card(about(room()), VERBS).blocks if "block_id" in block)
    *shown, menu = row["elements"]
    assert {button["value"] for button in shown} == {room().id}
    assert [option["value"].partition(":")[2] for option in menu["options"]] == [room().id] * 7


def test_a_question_brings_the_choice_to_answer_it() -> None:
    offered = choices(cards.card(about(asked(room())), VERBS).blocks)
    assert set(offered) == {*MENU, "explain", "details"}


@given(rooms())
@settings(max_examples=30, deadline=None)
def test_a_decided_card_and_page_offer_nothing(room: WarRoom) -> None:
    if room.decision:
        for message in (
            cards.card(about(room), VERBS),
            cards.page(about(room), val.name, VERBS),
        ):
            assert buttons(message.blocks) == choices(message.blocks) == []


def test_who_asks_for_a_decided_room_is_offered_its_details() -> None:
    shown = cards.status(about(decided(room())), val.name, VERBS).blocks
    assert (buttons(shown), choices(shown)) == (["details"], [])


def test_a_page_offers_only_what_its_reader_may_do_and_the_details() -> None:
    for who in EVERYBODY:
        allowed = {
            verb.action_id for verb in VERBS if access.acting_role(room(), who.name, verb.command)
        }
        page = cards.page(about(room()), who.name, VERBS).blocks
        assert verbs(page) <= allowed
        assert choices(page)[-1] == "details"


def test_each_of_the_three_finds_what_they_may_do_on_their_page() -> None:
    expected = {
        ada.name: {"ack", "explain", "withdraw"},
        val.name: {"ack", "approve", "dismiss", "request_info", "extend", "handoff"},
        jude.name: {*BUTTONS, *MENU} - {"withdraw"},
        eve.name: set(),
    }
    for name, found in expected.items():
        assert verbs(cards.page(about(room()), name, VERBS).blocks) == found


def test_what_pages_have_in_common_is_of_their_own_room_at_their_own_time() -> None:
    """It is made once for what is told of a room, and never taken for what is told later."""
    paged = (ada.name, val.name, jude.name)
    told = [
        about(room(), facts={"psi": 0.27}),
        about(room(), facts={"psi": 0.31}),
        about(room().but(severity=Severity.CRITICAL)),
    ]
    together = [[cards.page(each, name, VERBS) for name in paged] for each in told]
    alone = [[cards.page(replace(each), name, VERBS) for name in paged] for each in told]
    assert together == alone
    pages = [page for of_one in together for page in of_one]
    assert len({json.dumps(page.blocks) for page in pages}) == len(pages)


def test_only_who_is_on_duty_is_offered_to_hand_off() -> None:
    assert "handoff" not in verbs(cards.page(about(room()), viv.name, VERBS).blocks)


def test_a_card_says_what_a_decision_needs() -> None:
    subject = violation(
        subject={"kind": "model", "name": "ranker", "version": "7", "digest": "sha256:abc"},
        origin={
            "system": "github-actions",
            "repository": "acme/ranker",
            "commit": "c0ffee0" * 5,
            "run_url": "https://github.com/acme/ranker/actions/runs/1",
            "pull_request": 42,
            "environment": "production",
        },
        facts={"dataset": {"name": "customers_eu", "rows": 3, "eu": True}},
    )
    card = cards.card(about(holding(room(), subject), POLICY, subject.report.facts), VERBS)
    text = words(card.blocks)
    for part in (
        "🟠 High · decide by <!date^1795179600^", "the change stays blocked",
        "ranker fine-tuned on customers_eu. That is against “Unapproved fine-tuning on",
        "dataset.name: customers_eu", "dataset.eu: true",
        "model ranker 7 · acme/ranker · environment production",
        "<https://github.com/acme/ranker/actions/runs/1|Run>",
        "<https://github.com/acme/ranker/pull/42|Pull request #42>",
        "Initiator: <@U0ADA> (not seen yet)", "Validator (privacy): <@U0VAL> (not seen yet)",
        "Adjudicator (jude): <@U0JUDE> (not seen yet)",
        "War room `room000001` · violation `violation1` · commit <https://github.com/",
        f"/acme/ranker/commit/{'c0ffee0' * 5}|c0ffee0c0ffe>",
        f"policy pii-fine-tuning, policies.yaml:3, `{POLICY.digest[:19]}",
    ):  # fmt: skip
        assert part in text, part


def test_what_only_some_look_for_stands_in_the_details_alone() -> None:
    told = about(room())
    for part in ("may act too: <@U0VIV>", "backup: <@U0BACK>"):
        assert part not in words(cards.card(told, VERBS).blocks)
        assert part in words(details.view(told))


def test_a_commit_that_is_the_subject_is_shown_once_and_short() -> None:
    sha = "c0ffee1" * 5 + "c0ffe"
    subject = {"kind": "commit", "name": sha}
    failed = violation(subject=subject, origin={"repository": "acme/ranker", "commit": sha})
    told = words(cards.card(about(holding(room(), failed)), VERBS).blocks)
    assert (told.count("c0ffee1"), f"commit `{sha[:12]}`" in told) == (1, True)


def test_a_fact_that_is_null_is_not_told() -> None:
    found = {"approval": None, "reviews": {"legal": None, "done": False}}
    told = words(cards.card(about(room(), POLICY, found), VERBS).blocks)
    assert "reviews.done: false" in told
    for absent in ("approval", "legal", "null"):
        assert absent not in told


def test_links_are_derived_for_github_only() -> None:
    for origin in (
        Origin(system="gitlab", repository="acme/ranker", commit="c0ffee0", pull_request=4),
        Origin(system="github", repository="acme/../ranker", commit="c0ffee0"),
        Origin(system="github", repository="acme/ranker", commit="main; rm"),
        Origin(repository="acme/ranker", commit="c0ffee0"),
    ):
        named = "Pull request #4" if origin.pull_request else ""
        assert links(violation(origin=origin.model_dump()), LINKS) == named
        assert "http" not in commit(origin)


def test_links_follow_the_server_that_the_run_is_on() -> None:
    origin = Origin(
        system="github-actions", repository="acme/ranker", commit="c0ffee0",
        run_url="https://git.acme.test/acme/ranker/actions/runs/1",
    )  # fmt: skip
    assert (
        mrkdwn(commit(origin))
        == "commit <https://git.acme.test/acme/ranker/commit/c0ffee0|c0ffee0>"
    )


def test_who_has_acknowledged_is_marked() -> None:
    seen = room().but(acknowledged={val.name: START})
    shown = words(cards.card(about(seen), VERBS).blocks)
    assert "Validator (privacy): <@U0VAL> ✓" in shown
    assert "<@U0JUDE> (not seen yet)" in shown
    assert "ack" not in verbs(cards.page(about(seen), val.name, VERBS).blocks)


def test_who_cannot_be_reached_is_marked_with_the_reason() -> None:
    gone = room().but(unreachable={val.name: "user_disabled"})
    assert "<@U0VAL> ⚠ can't be reached (account deactivated)" in words(
        cards.card(about(gone), VERBS).blocks
    )


def test_an_initiator_whom_slack_does_not_know_is_named() -> None:
    shown = room(initiator=None, email="eve@acme.test")
    assert "eve@acme.test ⚠ (Slack is being asked who that is)" in words(
        cards.card(about(shown), VERBS).blocks
    )


def test_a_role_that_nobody_can_have_is_said_aloud() -> None:
    empty = POLICY.validator.but(members=(ada.name,))
    alone = room(POLICY.but(validator=empty))
    assert "Validator (privacy): ⚠ nobody eligible" in words(cards.card(about(alone), VERBS).blocks)


def test_a_user_group_is_never_mentioned() -> None:
    group = POLICY.validator.but(members=(), member_group="S0PRIV")
    waiting = room(POLICY.but(validator=group))
    assert "S0PRIV" not in words(cards.card(about(waiting), VERBS).blocks)


def test_an_extension_moves_the_deadline_on_the_card_and_is_told_in_the_details() -> None:
    longer = room().but(expires_at=START + timedelta(hours=5))
    until = f"decide by <!date^{int(longer.expires_at.timestamp())}^"
    assert until in words(cards.card(about(longer), VERBS).blocks)
    assert "extended by 1 h of at most 4 h" in words(details.view(about(longer)))


def test_an_extension_that_is_used_up_is_not_offered() -> None:
    longest = room().but(expires_at=START + timedelta(hours=8))
    assert "extend" not in verbs(cards.page(about(longest), val.name, VERBS).blocks)


def test_question_and_answer_stand_on_the_card() -> None:
    told = asked(room())
    assert "Which data set?" in words(cards.card(about(told), VERBS).blocks)
    answered = told.but(answer="customers_eu")
    assert "customers_eu" in words(cards.card(about(answered), VERBS).blocks)


def test_fifty_joined_violations_are_counted_and_the_newest_of_them_named() -> None:
    many = tuple(violation(n, title=f"violation number {n}") for n in range(2, 52))
    crowd = holding(room(), violation(), *many)
    text = words(cards.card(about(crowd), VERBS).blocks)
    assert "50 more violations, under the same decision" in text
    assert "violation number 51" in text
    assert "violation number 47" in text
    assert "violation number 46" not in text
    assert "… and 45 more violations" in text


def test_a_justification_is_shown_in_full() -> None:
    justification = "".join(f"{n:05d}" for n in range(600))
    text = words(cards.card(about(decided(room(), justification)), VERBS).blocks)
    assert justification in text.replace("\n", "")


def test_a_decision_says_what_by_whom_why_and_under_which_policy() -> None:
    text = words(cards.card(about(decided(room())), VERBS).blocks)
    for part in (
        "✅ Allowed: overridden", "<@U0JUDE> (adjudicator)", "ticket 4711", "waiver",
        "allowed until",
        "Valid until <!date^", "policies.yaml:3", POLICY.digest[:19], "Owner: <@U0JUDE>",
    ):  # fmt: skip
        assert part in text, part


def test_an_expiry_says_that_nobody_decided_in_time() -> None:
    text = words(cards.card(about(expired(room())), VERBS).blocks)
    assert "⛔ Blocked: expired" in text
    assert "Expired since nobody decided in time" in text
    assert "The policy's default holds. The change stays blocked." in text


def test_the_default_on_the_card_is_the_policys() -> None:
    lenient = POLICY.but(on_expiry=OnExpiry.ALLOW)
    shown = cards.card(about(room(), lenient), VERBS)
    assert "if nobody does, the change is allowed" in words(shown.blocks)
    assert "· else allowed ·" in shown.text


def test_a_page_says_in_which_role_and_links_to_the_channel() -> None:
    text = words(cards.page(about(room().but(channel="C0ROOM")), jude.name, VERBS).blocks)
    assert f"You are needed as {Role.ADJUDICATOR}." in text
    assert "<#C0ROOM> (<https://slack.com/app_redirect?channel=C0ROOM|link>)" in text
    assert "channel follows" in words(cards.page(about(room()), jude.name, VERBS).blocks)


def test_mrkdwn_is_verbatim_so_that_slack_links_nothing_by_itself() -> None:
    card = cards.card(about(room()), VERBS)
    parsed = [part for part in parts(card.blocks) if part.get("type") == "mrkdwn"]
    assert [part["verbatim"] for part in parsed] == [True]


def test_what_ends_a_room_is_never_done_by_one_click() -> None:
    """It has a form to send in."""
    at_once = {verb.action_id for verb in VERBS if isinstance(verb.act, AtOnce)}
    assert at_once == {"ack"}


def test_somebody_unknown_stands_once_among_the_initiators_with_all_that_is_in_the_way() -> None:
    nobody = unnamed(SLACK, "U0NOBODY")
    makers = (Attributed(persons=(nobody,), accounts=nobody.accounts),)
    here = open_room("room000001", violation(), makers, rules(), START).after
    here = after(here, c.IdentifyInitiator(account="slack:U0NOBODY", persons=()))
    here = after(here, r.RecordUnreachable(name=nobody.name, error="user_not_found"))
    line = "*Initiator*: <@U0NOBODY> ⚠ (not known here; can't be reached: unknown to Slack)"
    assert participants.initiators(here) == line


def test_a_storm_with_one_violation_says_why_that_has_no_room_of_its_own() -> None:
    storm = open_room("room000001", violation(), made_by(ada), rules(), START, is_storm=True).after
    assert "too many came before it for a room each" in happened(about(storm))
    more = after(storm, c.Join(violation=violation(2, dedup_key="b"), makers=made_by(ada)))
    assert "too many for a room each" in happened(about(more))
