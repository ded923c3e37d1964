from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain import commands as c
from bot.domain import delivered as d
from bot.domain import events as e
from bot.domain.aggregate import Recorded
from bot.domain.makers import Maker
from bot.domain.messages import PostedMessage
from bot.domain.person import SYSTEM
from bot.domain.policy import OnExpiry, Role, Rung
from bot.domain.violation import Success
from bot.domain.war_room import State, WarRoom
from bot.integrations.slack.show import news, replies
from tests.build import POLICY, START, ada, jude, room, val, violation, viv
from tests.slack.hostile import after, decided, expired, long_texts, rooms
from tests.slack.reading import assert_slack_takes, buttons, parts, words


def recorded(event: e.Event, actor: str = val.name) -> Recorded[e.Event]:
    return Recorded(seq=2, at=START, actor=actor, event=event, state=State.OPEN)


def said(event: e.Event, place: WarRoom | None = None, actor: str = val.name) -> str:
    shown = news.announcement(recorded(event, actor), place or room(), POLICY)
    assert_slack_takes(shown)
    return words(shown.blocks)


ASKED = e.InfoRequested(role=Role.VALIDATOR, question="Which data set?")
REMIND = e.Escalated(rung=Rung.REMIND, due_at=START, notify=(val.name,))
LAST_CALL = e.Escalated(rung=Rung.LAST_CALL, due_at=START, notify=(val.name, jude.name))


def test_a_question_calls_the_initiator_and_has_the_button_to_answer_it() -> None:
    asked = after(room(), c.RequestInfo(question="Which data set?"), val.name)
    shown = news.announcement(recorded(ASKED), asked, POLICY)
    assert "<@U0VAL> (validator) asks <@U0ADA>:" in words(shown.blocks)
    assert "Which data set?" in words(shown.blocks)
    assert buttons(shown.blocks) == ["explain"]
    told = news.told(recorded(ASKED), asked, POLICY, ada.name)
    assert "Which data set?" in words(told.blocks)
    assert buttons(told.blocks) == ["explain"]


def test_a_question_that_is_not_open_any_more_has_no_button() -> None:
    """It is answered, or another one has taken its place."""
    for over in (
        room().but(question="Which data set?", answer="That one."),
        room().but(question="Whose data?"),
        decided(room().but(question="Which data set?")),
    ):
        assert buttons(news.announcement(recorded(ASKED), over, POLICY).blocks) == []
        assert buttons(news.told(recorded(ASKED), over, POLICY, ada.name).blocks) == []


@settings(max_examples=20, deadline=None)
@given(rooms(), long_texts)
def test_slack_takes_every_offer_whatever_was_replied(place: WarRoom, text: str) -> None:
    reply = e.Replied(name=ada.name, text=text, thread=PostedMessage(channel="C1", ts="1.1"))
    assert_slack_takes(replies.offer(place, reply, 10**9))


def test_an_answer_calls_whoever_asked() -> None:
    answer = e.Explained(role=Role.INITIATOR, text="That one.", asked_by=val.name)
    assert "<@U0ADA> (initiator) answers <@U0VAL>:" in said(answer, actor=ada.name)
    unasked = e.Explained(role=Role.INITIATOR, text="That one.", unasked=True)
    assert "<@U0ADA> (initiator) explains:" in said(unasked, actor=ada.name)


def test_an_extension_says_by_whom_until_when_and_why() -> None:
    until = START + timedelta(hours=5)
    event = e.Extended(
        role=Role.VALIDATOR, by=timedelta(hours=1), expires_at=until, reason="The DPO is away."
    )
    text = said(event)
    assert "<@U0VAL> (validator) extended the window by 1 h" in text
    assert "The DPO is away." in text


def test_whoever_cannot_be_reached_is_said_with_who_is_on_duty_now() -> None:
    event = d.Unreachable(name=val.name, error="user_disabled", assignments=room().assignments)
    text = said(event, actor=SYSTEM)
    assert "<@U0VAL> can't be reached in Slack (account deactivated)" in text
    assert "On duty after that: validator <@U0VAL>, adjudicator <@U0JUDE>." in text


SUCCEEDED = e.CheckSucceeded(
    success=Success(
        key=violation().report.key,
        check="Guard<!channel>rails",
        at=START,
        run_url="https://ci.test/1",
        attempt=2,
    )
)


def test_a_success_is_told_with_attempt_and_run_and_offered_to_whoever_made_the_change() -> None:
    fixed = room().but(successes=(SUCCEEDED.success,))
    text = said(SUCCEEDED, fixed, SYSTEM)
    assert "Guard<!channel>rails has succeeded since, attempt 2" in text
    assert "<https://ci.test/1|Run>" in text
    assert "*Withdraw: fixed* is on the card" in text
    shown = news.announcement(recorded(SUCCEEDED, SYSTEM), fixed, POLICY)
    assert "broadcast" not in {part.get("type") for part in parts(shown.blocks)}
    told = words(news.told(recorded(SUCCEEDED, SYSTEM), fixed, POLICY, ada.name).blocks)
    assert "Withdraw: fixed" in told


def test_a_success_that_holds_no_more_when_it_is_told_offers_nothing() -> None:
    """It has failed again since, or somebody has decided."""
    fixed = room().but(successes=(SUCCEEDED.success,))
    for place in (room(), decided(fixed)):
        text = said(SUCCEEDED, place, SYSTEM)
        assert "has succeeded since" in text
        assert "Withdraw" not in text
        with pytest.raises(news.NotNewsError):
            news.told(recorded(SUCCEEDED, SYSTEM), place, POLICY, ada.name)


def test_a_joined_violation_is_named_with_its_initiator() -> None:
    event = e.Joined(
        violation=violation(2, title="again"),
        makers=(Maker(names=(viv.name,), known=True),),
        assignments=room().assignments,
    )
    assert "again, by <@U0VIV>" in said(event, actor=SYSTEM)


def test_a_handed_off_role_is_announced() -> None:
    event = e.HandedOff(role=Role.VALIDATOR, to=viv.name, assignments=room().assignments)
    said_so = "<@U0VAL> (validator) handed off: the validator on duty became <@U0VIV>."
    assert said_so in said(event)


def test_an_explanation_is_shown_in_full() -> None:
    event = e.Explained(role=Role.INITIATOR, text="a" * 3000)
    assert "a" * 3000 in said(event, actor=ada.name).replace("\n", "")


def test_the_last_call_calls_those_who_decide() -> None:
    assert "Last call, <@U0VAL>, <@U0JUDE>." in said(LAST_CALL)


@pytest.mark.parametrize("event", [REMIND, LAST_CALL])
def test_a_reminder_says_the_deadline_and_where_the_buttons_are(event: e.Event) -> None:
    """Buttons of its own would still be there when the room is decided."""
    there = room().but(channel="C0ROOM")
    paged = there.but(pages={val.name: PostedMessage(channel="D0VAL", ts="1.0")})
    for place, where in ((there, "in <#C0ROOM>"), (paged, "on the page above and in <#C0ROOM>")):
        shown = news.told(recorded(event), place, POLICY, val.name)
        assert_slack_takes(shown)
        assert buttons(shown.blocks) == []
        assert f"The buttons are {where}" in words(shown.blocks)
        assert "decide by <!date^" in words(shown.blocks)


@pytest.mark.parametrize("event", [REMIND, LAST_CALL, ASKED])
def test_news_of_what_is_decided_meanwhile_is_the_result(event: e.Event) -> None:
    shown = news.told(recorded(event), decided(room()), POLICY, val.name)
    assert "Overridden" in words(shown.blocks)
    assert buttons(shown.blocks) == []


def test_the_result_is_announced_in_full() -> None:
    over = decided(room())
    assert over.decision
    text = said(e.Decided(decision=over.decision), over)
    assert "ticket 4711" in text
    assert "✅" in text


def test_what_is_no_news_is_refused() -> None:
    with pytest.raises(news.NotNewsError):
        news.announcement(recorded(e.Acknowledged(role=Role.VALIDATOR)), room(), POLICY)
    with pytest.raises(news.NotNewsError):
        news.told(recorded(e.Closed()), room(), POLICY, val.name)


def test_the_topic_says_policy_deadline_and_default() -> None:
    topic = news.topic(room(), POLICY)
    assert topic == "pii-fine-tuning: decide by 20 Nov 2026 13:00 UTC, default block"
    lenient = POLICY.but(on_expiry=OnExpiry.ALLOW)
    assert news.topic(room(), lenient).endswith("default allow")


def test_the_topic_of_a_decided_room_is_its_result() -> None:
    assert news.topic(decided(room()), POLICY).startswith(
        "pii-fine-tuning: Overridden (by the adjudicator) on 20 Nov 2026 09:05 UTC: allow until"
    )
    assert "Expired (nobody decided in time)" in news.topic(expired(room()), POLICY)


@settings(max_examples=40, deadline=None)
@given(rooms(), long_texts)
def test_slack_takes_all_news_whatever_came_in(place: WarRoom, text: str) -> None:
    until = START + timedelta(hours=5)
    events: list[e.Event] = [
        e.InfoRequested(role=Role.VALIDATOR, question=text),
        e.Explained(role=Role.INITIATOR, text=text, asked_by=val.name),
        e.Extended(role=Role.VALIDATOR, by=timedelta(hours=1), expires_at=until, reason=text),
        e.Joined(violation=place.violation, makers=(), assignments=place.assignments),
        d.Unreachable(name=val.name, error=text, assignments=place.assignments),
        LAST_CALL,
    ]
    if place.decision:
        events.append(e.Decided(decision=place.decision))
    for event in events:
        assert_slack_takes(news.announcement(recorded(event), place, POLICY))
    for event in (events[0], REMIND, LAST_CALL):
        assert_slack_takes(news.told(recorded(event), place, POLICY, val.name))
    assert len(news.topic(place, POLICY)) <= 250


@given(st.sampled_from([decided(room()), expired(room())]))
def test_a_topic_formats_nothing(place: WarRoom) -> None:
    assert "<" not in news.topic(place, POLICY)
