"""What Slack is told after an event, and whom."""

from datetime import timedelta
from typing import get_args

from bot.domain import commands as c
from bot.domain.effect import Effect
from bot.domain.events import Event
from bot.domain.fold import evolve
from bot.domain.lifecycle import Step, decide
from bot.domain.policy import Role
from bot.domain.violation import Initiator
from bot.domain.war_room import SYSTEM, Message, WarRoom, channel_name
from bot.integrations.slack.follow import FOLLOW
from bot.integrations.slack.kinds import (
    ANNOUNCE,
    IDENTIFY,
    INVITE,
    PAGE,
    SET_TOPIC,
    TELL,
    UPDATE_CARD,
    UPDATE_PAGE,
)
from tests.build import ADA, BEA, JUDE, POLICY, START, VAL, VIV, opened, room, violation
from tests.outgoing import in_slack


def _follow(before: WarRoom, command: c.Command, actor: str) -> list[Effect]:
    step = decide(before, command, actor, POLICY, START + timedelta(minutes=125))
    assert isinstance(step, Step)
    found: list[Effect] = []
    for recorded in step.events:
        after = evolve(before, recorded)
        found += in_slack(before, recorded, after)
        before = after
    return found


def test_every_event_is_listed() -> None:
    assert set(FOLLOW) == set(get_args(Event))


def _paged(found: list[Effect]) -> list[str]:
    return [effect.payload["user"] for effect in found if effect.kind == PAGE.name]


def test_opening_pages_the_three_each_in_a_lane_of_their_own() -> None:
    step = opened()
    found = list(in_slack(None, step.events[0], step.room))
    assert _paged(found) == [ADA, VAL, JUDE]
    assert len({effect.lane for effect in found}) == 4
    assert all(effect.wait_for_channel for effect in found if effect.kind == PAGE.name)


def test_a_person_with_two_parts_is_paged_once() -> None:
    bench = POLICY.adjudicator.model_copy(update={"members": (VAL,)})
    step = opened(POLICY.model_copy(update={"adjudicator": bench}))
    assert _paged(list(in_slack(None, step.events[0], step.room))) == [ADA, VAL]


def test_an_unknown_initiator_is_looked_up_by_e_mail() -> None:
    step = opened(initiator=None)
    report = violation(initiator=Initiator(email="new@acme.test"))
    event = step.events[0].event.model_copy(update={"violation": report})
    recorded = step.events[0].model_copy(update={"event": event})
    before = step.room.model_copy(update={"violation": report})
    kinds = [effect.kind for effect in in_slack(None, recorded, before)]
    assert IDENTIFY.name in kinds


def test_the_backup_and_the_others_are_paged_and_invited_at_half_time() -> None:
    found = _follow(room(), c.Escalate(), SYSTEM)
    assert _paged(found) == [VIV, BEA]
    assert INVITE.name in [effect.kind for effect in found]


def test_a_decision_is_announced_and_told_and_takes_the_buttons_away() -> None:
    page = c.RecordPage(user=VAL, message=Message(channel="D1", ts="1.1"))
    paged = decide(room(), page, SYSTEM, POLICY, START)
    assert isinstance(paged, Step)
    kinds = [effect.kind for effect in _follow(paged.room, c.Approve(), VAL)]
    assert kinds == [
        TELL.name,
        ANNOUNCE.name,
        UPDATE_CARD.name,
        SET_TOPIC.name,
        UPDATE_PAGE.name,
    ]


def test_who_was_paged_before_is_told_of_a_hand_off_and_not_paged_again() -> None:
    page = c.RecordPage(user=BEA, message=Message(channel="D1", ts="1.1"))
    paged = decide(room(), page, SYSTEM, POLICY, START)
    assert isinstance(paged, Step)
    handed = _follow(paged.room, c.HandOff(role=Role.ADJUDICATOR, to=BEA), JUDE)
    assert _paged(handed) == []
    assert [e.payload["user"] for e in handed if e.kind == TELL.name] == [BEA]
    assert _paged(_follow(room(), c.HandOff(role=Role.ADJUDICATOR, to=BEA), JUDE)) == [BEA]


def test_channel_names_are_cut_last_and_keep_the_rooms_id() -> None:
    name = channel_name("p" * 100, "room000001")
    assert len(name) == 80
    assert name.endswith("-room000001")
    assert channel_name("model-export", "room000001") == "wr-model-export-room000001"


def test_who_turns_out_to_be_an_initiator_gets_a_page_without_the_buttons() -> None:
    page = c.RecordPage(user=JUDE, message=Message(channel="D1", ts="1.1"))
    paged = decide(room(), page, SYSTEM, POLICY, START)
    assert isinstance(paged, Step)
    joined = _follow(paged.room, c.Join(violation=violation(2), initiator=JUDE), SYSTEM)
    updates = [e.payload["user"] for e in joined if e.kind == UPDATE_PAGE.name]
    assert updates == [JUDE]
