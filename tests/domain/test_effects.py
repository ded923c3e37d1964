"""What the world has to be told."""

from datetime import timedelta

from bot.domain import commands as c
from bot.domain.aggregate import Step
from bot.domain.effects import Effect, EffectKind, effects
from bot.domain.fold import evolve
from bot.domain.person import SYSTEM
from bot.domain.policy import Role
from bot.domain.violation import Initiator
from bot.domain.war_room import Message, WarRoom, channel_name
from tests.build import POLICY, START, ada, bea, decide, jude, opened, room, val, violation, viv


def _follow(before: WarRoom, command: c.Command, actor: str) -> list[Effect]:
    step = decide(before, command, actor, POLICY, START + timedelta(minutes=125))
    assert isinstance(step, Step)
    found: list[Effect] = []
    for recorded in step.events:
        after = evolve(before, recorded)
        found += effects(before, recorded, after)
        before = after
    return found


def _paged(found: list[Effect]) -> list[str]:
    return [effect.payload["user"] for effect in found if effect.kind is EffectKind.PAGE]


def test_opening_pages_the_three_each_in_a_lane_of_their_own() -> None:
    step = opened()
    found = list(effects(None, step.events[0], step.after))
    assert _paged(found) == [ada.name, val.name, jude.name]
    assert len({effect.lane for effect in found}) == 4
    assert all(effect.waits for effect in found if effect.kind is EffectKind.PAGE)


def test_a_person_with_two_parts_is_paged_once() -> None:
    bench = POLICY.adjudicator.model_copy(update={"members": (val.name,)})
    step = opened(POLICY.model_copy(update={"adjudicator": bench}))
    assert _paged(list(effects(None, step.events[0], step.after))) == [ada.name, val.name]


def test_an_unknown_initiator_is_looked_up_by_e_mail() -> None:
    step = opened(initiator=None)
    report = violation(initiator=Initiator(email="new@acme.test"))
    event = step.events[0].event.model_copy(update={"violation": report})
    recorded = step.events[0].model_copy(update={"event": event})
    before = step.after.model_copy(update={"violation": report})
    kinds = [effect.kind for effect in effects(None, recorded, before)]
    assert EffectKind.IDENTIFY in kinds


def test_the_backup_and_the_others_are_paged_and_invited_at_half_time() -> None:
    found = _follow(room(), c.Escalate(), SYSTEM)
    assert _paged(found) == [viv.name, bea.name]
    assert EffectKind.INVITE in [effect.kind for effect in found]


def test_a_decision_is_announced_and_told_and_takes_the_buttons_away() -> None:
    page = c.RecordPage(name=val.name, message=Message(channel="D1", ts="1.1"))
    paged = decide(room(), page, SYSTEM, POLICY, START)
    assert isinstance(paged, Step)
    kinds = [effect.kind for effect in _follow(paged.after, c.Approve(), val.name)]
    assert kinds == [
        EffectKind.TELL,
        EffectKind.ANNOUNCE,
        EffectKind.UPDATE_CARD,
        EffectKind.SET_TOPIC,
        EffectKind.UPDATE_PAGE,
    ]


def test_who_was_paged_before_is_told_of_a_hand_off_and_not_paged_again() -> None:
    page = c.RecordPage(name=bea.name, message=Message(channel="D1", ts="1.1"))
    paged = decide(room(), page, SYSTEM, POLICY, START)
    assert isinstance(paged, Step)
    handed = _follow(paged.after, c.HandOff(role=Role.ADJUDICATOR, to=bea), jude.name)
    assert _paged(handed) == []
    assert [e.payload["user"] for e in handed if e.kind is EffectKind.TELL] == [bea.name]
    assert _paged(_follow(room(), c.HandOff(role=Role.ADJUDICATOR, to=bea), jude.name)) == [
        bea.name
    ]


def test_channel_names_are_cut_last_and_keep_the_rooms_id() -> None:
    name = channel_name("p" * 100, "room000001")
    assert len(name) == 80
    assert name.endswith("-room000001")
    assert channel_name("model-export", "room000001") == "wr-model-export-room000001"


def test_who_turns_out_to_be_an_initiator_gets_a_page_without_the_buttons() -> None:
    page = c.RecordPage(name=jude.name, message=Message(channel="D1", ts="1.1"))
    paged = decide(room(), page, SYSTEM, POLICY, START)
    assert isinstance(paged, Step)
    joined = _follow(paged.after, c.Join(violation=violation(2), initiator=jude), SYSTEM)
    updates = [e.payload["user"] for e in joined if e.kind is EffectKind.UPDATE_PAGE]
    assert updates == [jude.name]
