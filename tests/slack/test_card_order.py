"""The order and the lengths of the card, over rooms in every condition and with any text."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.earlier import EarlierRooms
from bot.domain.policy import OnExpiry, Policy
from bot.domain.violation import Severity
from bot.domain.war_room import WarRoom
from bot.integrations.slack.show import cards
from bot.integrations.slack.show.blocks import LEVELS
from bot.integrations.slack.show.markup import mrkdwn
from bot.integrations.slack.show.text import date, long, outside, plain
from bot.integrations.slack.show.violation import story
from bot.integrations.slack.verbs.registry import VERBS
from tests.slack.hostile import ON_DUTY, facts, holding, policies, rooms
from tests.slack.reading import about, assert_slack_takes, buttons, choices, parts, words

SHA = "c0ffee1" * 5 + "c0ffe"
NAMED = (
    {"kind": "commit", "name": SHA},
    {"kind": "commit", "name": SHA[:12]},
    {"kind": "model", "name": "ranker", "version": SHA},
    {"kind": "model", "name": "ranker", "digest": SHA},
    {"kind": "model", "name": "ranker"},
)
ADDRESS = re.compile(r"<https?://[^|>]*\|")
ELSE = {OnExpiry.BLOCK: "blocked", OnExpiry.ALLOW: "allowed"}


@st.composite
def open_rooms(draw: st.DrawFn) -> WarRoom:
    room = draw(rooms().filter(lambda room: not room.decision))
    return room.but(severity=draw(st.sampled_from(Severity)))


@st.composite
def any_policies(draw: st.DrawFn) -> Policy:
    return draw(policies()).but(on_expiry=draw(st.sampled_from(OnExpiry)))


@settings(max_examples=40, deadline=None)
@given(open_rooms(), any_policies(), facts)
def test_two_blocks_say_how_severe_until_when_what_otherwise_what_happened_and_why(
    room: WarRoom, policy: Policy, found: dict[str, Any]
) -> None:
    told = about(room, policy, found)
    for message in (
        cards.card(told, VERBS),
        *(cards.page(told, who.name, VERBS) for who in ON_DUTY),
    ):
        assert_slack_takes(message)
        first, second = map(words, message.blocks[:2])
        assert room.severity.capitalize() in first
        assert date(room.expires_at) in first
        assert f"the change {'stays' if policy.on_expiry is OnExpiry.BLOCK else 'is'} " in first
        assert ELSE[policy.on_expiry] in first
        assert plain(room.title, 300).removesuffix("…") in second
        assert f"“{plain(policy.title, 300)}”" in second


@settings(max_examples=40, deadline=None)
@given(open_rooms(), any_policies(), st.timedeltas(timedelta(), timedelta(hours=3)))
def test_120_characters_of_the_notification_say_how_severe_how_long_what_otherwise_and_which(
    room: WarRoom, policy: Policy, since: timedelta
) -> None:
    now = room.opened_at + since
    told = about(room, policy, now=now)
    for message in (
        cards.card(told, VERBS),
        *(cards.page(told, who.name, VERBS) for who in ON_DUTY),
    ):
        seen = message.text[:120]
        left = f"{long(room.expires_at - now)} left"
        how = f" {room.severity.capitalize()} · {left} · else {ELSE[policy.on_expiry]} · "
        assert how in seen
        what, why = outside(room.title, 40), outside(policy.title, 28)
        assert mrkdwn(f"· {what} ({why})")[2:][:70] in seen


@settings(max_examples=40, deadline=None)
@given(open_rooms(), facts)
def test_at_most_three_facts_are_shown_before_the_details(
    room: WarRoom, found: dict[str, Any]
) -> None:
    alone = holding(room, room.contents.first).but(is_storm=False)
    shown = words(story(about(alone, facts=found), LEVELS[0])).split("\n")
    assert sum(line.startswith("• ") for line in shown) <= 3


@settings(max_examples=40, deadline=None)
@given(rooms(), st.sampled_from(NAMED), st.booleans())
def test_the_commit_is_named_once(room: WarRoom, named: dict[str, str], is_fact: bool) -> None:
    first = room.contents.first
    origin = first.report.origin.but(commit=SHA)
    subject = first.report.subject.but(**named)
    first = first.but(report=first.report.but(origin=origin, subject=subject))
    place = room.but(contents=room.contents.but(first=first), is_storm=False)
    told = about(place, facts={"commit": SHA} if is_fact else {})
    for message in (
        cards.card(told, VERBS),
        *(cards.page(told, who.name, VERBS) for who in ON_DUTY),
        cards.status(told, ON_DUTY[0].name, VERBS),
    ):
        assert ADDRESS.sub("<", words(message.blocks)).count(SHA[:12]) == 1


@settings(max_examples=40, deadline=None)
@given(open_rooms())
def test_a_card_has_three_buttons_and_one_menu(room: WarRoom) -> None:
    card = cards.card(about(room), VERBS).blocks
    assert buttons(card) == ["ack", "approve", "override"]
    assert [part["action_id"] for part in parts(card) if "options" in part] == ["more"]
    assert choices(card)[-1] == "details"


@settings(max_examples=40, deadline=None)
@given(open_rooms(), any_policies(), facts)
def test_who_is_needed_follows_what_happened_then_what_can_be_done_and_the_grey_line_is_last(
    room: WarRoom, policy: Policy, found: dict[str, Any]
) -> None:
    before = EarlierRooms(count=2)
    told = replace(about(room, policy, facts=found), earlier=before)
    for message in (
        cards.card(told, VERBS),
        *(cards.page(told, who.name, VERBS) for who in ON_DUTY),
    ):
        blocks = message.blocks
        people, earlier = (
            next(at for at, block in enumerate(blocks) if words([block]).startswith(said))
            for said in ("Initiator: ", "Third time in 30 days.")
        )
        actions = next(at for at, block in enumerate(blocks) if block["type"] == "actions")
        assert 1 < people < earlier < actions < len(blocks) - 1
        assert blocks[-1]["type"] == "context"
        assert words(blocks[-1:]).startswith("War room `")
