"""What Slack is told after an event, and whom."""

from datetime import timedelta
from typing import get_args

from bot.domain import commands as c
from bot.domain import events as e
from bot.domain import reported as r
from bot.domain.aggregate import Step
from bot.domain.effect import Effect
from bot.domain.fold import evolve
from bot.domain.lifecycle import WAR_ROOM, open_room
from bot.domain.messages import Listing, PostedMessage
from bot.domain.person import SYSTEM
from bot.domain.policy import Role
from bot.domain.violation import Initiator, Success
from bot.domain.war_room import WarRoom
from bot.integrations.slack.follow import FOLLOW
from bot.integrations.slack.kinds import (
    ANNOUNCE,
    IDENTIFY,
    INVITE,
    PAGE,
    SET_TOPIC,
    TELL,
    TELL_RESULT,
    UPDATE_CARD,
    UPDATE_DIGEST,
    UPDATE_PAGE,
    UPDATE_TOLD,
)
from bot.storage.transaction import Stream
from tests.build import (
    APPROVE,
    POLICY,
    START,
    ada,
    bea,
    decide,
    eve,
    jude,
    made_by,
    opened,
    room,
    rules,
    val,
    violation,
    viv,
)
from tests.domain.test_storm import split
from tests.outgoing import FOLLOWING, in_slack

_PAGE = PostedMessage(channel="D1", ts="1.1")
_SUCCESS = c.RecordSuccess(
    success=Success(key=room().contents.first.report.key, check="Guardrails", at=START)
)


def _follow(before: WarRoom, command: c.Command, name: str) -> list[Effect]:
    step = decide(before, command, name, POLICY, START + timedelta(minutes=125))
    assert isinstance(step, Step)
    found: list[Effect] = []
    for recorded in step.events:
        after = evolve(before, recorded)
        found += in_slack(before, recorded, after)
        before = after
    return found


def _after(before: WarRoom, *given: tuple[c.Command, str]) -> WarRoom:
    for command, name in given:
        step = decide(before, command, name, POLICY, START)
        assert isinstance(step, Step), step
        before = step.after
    return before


def _paged(found: list[Effect]) -> list[str]:
    return [effect.payload["user"] for effect in found if effect.kind == PAGE.name]


def test_whatever_can_happen_in_a_room_has_what_slack_is_told_of_it() -> None:
    assert FOLLOW.keys() == set(get_args(e.Event))


def test_opening_pages_the_three_each_in_a_lane_of_their_own() -> None:
    step = opened()
    found = list(in_slack(None, step.events[0], step.after))
    assert _paged(found) == [ada.name, val.name, jude.name]
    assert len({effect.lane for effect in found}) == 4
    assert all(effect.wait_for_channel for effect in found if effect.kind == PAGE.name)


def test_a_person_with_two_parts_is_paged_once() -> None:
    roster = POLICY.adjudicator.but(members=(val.name,))
    step = opened(POLICY.but(adjudicator=roster))
    assert _paged(list(in_slack(None, step.events[0], step.after))) == [ada.name, val.name]


def test_an_unknown_initiator_is_looked_up_by_e_mail() -> None:
    step = opened(initiator=None, email="new@acme.test")
    asked = [
        each for each in in_slack(None, step.events[0], step.after) if each.kind == IDENTIFY.name
    ]
    assert [effect.payload for effect in asked] == [{"account": "email:new@acme.test"}]


def test_the_backup_and_the_others_are_paged_and_invited_at_half_time() -> None:
    found = _follow(room(), c.Escalate(), SYSTEM)
    assert _paged(found) == [viv.name, bea.name]
    assert INVITE.name in [effect.kind for effect in found]


def test_a_decision_is_announced_and_told_and_takes_the_buttons_away() -> None:
    page = r.RecordPage(name=val.name, message=PostedMessage(channel="D1", ts="1.1"))
    paged = decide(room(), page, SYSTEM, POLICY, START)
    assert isinstance(paged, Step)
    kinds = [effect.kind for effect in _follow(paged.after, APPROVE, val.name)]
    assert kinds == [
        TELL_RESULT.name,
        TELL_RESULT.name,
        ANNOUNCE.name,
        UPDATE_CARD.name,
        SET_TOPIC.name,
        UPDATE_PAGE.name,
    ]


def test_whom_a_page_reaches_after_the_decision_is_told_how_it_ended_each_once() -> None:
    """The initiators are told by the decision, paged or not."""
    settled = _after(room(), (APPROVE, val.name))
    for name, kinds in ((viv.name, [UPDATE_PAGE, TELL_RESULT]), (ada.name, [UPDATE_PAGE])):
        late = _follow(settled, r.RecordPage(name=name, message=_PAGE), SYSTEM)
        assert [effect.kind for effect in late] == [kind.name for kind in kinds]


def test_who_was_paged_before_is_told_of_a_hand_off_and_not_paged_again() -> None:
    page = r.RecordPage(name=bea.name, message=PostedMessage(channel="D1", ts="1.1"))
    paged = decide(room(), page, SYSTEM, POLICY, START)
    assert isinstance(paged, Step)
    handed = _follow(paged.after, c.HandOff(role=Role.ADJUDICATOR, to=bea), jude.name)
    assert _paged(handed) == []
    assert [each.payload["user"] for each in handed if each.kind == TELL.name] == [bea.name]
    assert _paged(_follow(room(), c.HandOff(role=Role.ADJUDICATOR, to=bea), jude.name)) == [
        bea.name
    ]


def test_who_turns_out_to_be_an_initiator_gets_a_page_without_the_buttons() -> None:
    page = r.RecordPage(name=jude.name, message=PostedMessage(channel="D1", ts="1.1"))
    paged = decide(room(), page, SYSTEM, POLICY, START)
    assert isinstance(paged, Step)
    joined = _follow(paged.after, c.Join(violation=violation(2), makers=made_by(jude)), SYSTEM)
    updates = [each.payload["user"] for each in joined if each.kind == UPDATE_PAGE.name]
    assert updates == [jude.name]


def test_a_success_is_news_and_told_to_the_initiator_and_shows_on_each_page() -> None:
    paged = room().but(pages={ada.name: _PAGE, val.name: _PAGE})
    found = _follow(paged, _SUCCESS, SYSTEM)
    kinds = [(each.kind, each.payload.get("user")) for each in found]
    assert kinds == [
        (TELL.name, ada.name),
        (ANNOUNCE.name, None),
        (UPDATE_CARD.name, None),
        (UPDATE_PAGE.name, ada.name),
        (UPDATE_PAGE.name, val.name),
    ]


def test_a_failure_after_it_brings_each_page_up_to_date() -> None:
    """Or the offer to withdraw as fixed would outlive what it rests on."""
    fixed = decide(room().but(pages={val.name: _PAGE}), _SUCCESS, SYSTEM, POLICY, START)
    assert isinstance(fixed, Step)
    again = violation(2).but(detected_at=START + timedelta(minutes=1))
    joined = _follow(fixed.after, c.Join(violation=again, makers=made_by(ada)), SYSTEM)
    assert UPDATE_PAGE.name in [each.kind for each in joined]


def test_one_success_among_a_storms_is_no_news() -> None:
    contents = room().contents.but(one_key=False)
    storm = room().but(is_storm=True, contents=contents)
    assert [each.kind for each in _follow(storm, _SUCCESS, SYSTEM)] == [UPDATE_CARD.name]


def _told(of: str, seen: WarRoom | None, role: Role | None = None) -> r.RecordTold:
    message = PostedMessage(channel="D1", ts="1.2")
    return r.RecordTold(about=2, of=of, name=val.name, role=role, message=message, seen=seen)


def test_what_was_under_way_while_it_was_decided_is_brought_up_to_date_at_once() -> None:
    """As it is for all else by which it would read otherwise."""
    stranger = made_by(None, "github:stranger")
    again = violation(2).but(detected_at=START + timedelta(minutes=1))
    changes: list[tuple[str, c.Command, str]] = [
        ("escalated", APPROVE, jude.name),
        ("escalated", c.Extend(by=timedelta(hours=1), reason="The lawyer is away."), val.name),
        ("escalated", c.Join(violation=violation(2), makers=made_by(val)), SYSTEM),
        ("info_requested", c.Explain(text="Those who agreed."), ada.name),
        ("info_requested", c.RequestInfo(question="And since when?"), jude.name),
        ("handed_off", c.HandOff(role=Role.VALIDATOR, to=viv), val.name),
        ("assigned", c.HandOff(role=Role.VALIDATOR, to=viv), val.name),
        ("proposed", c.IdentifyInitiator(account="github:stranger", persons=(eve,)), SYSTEM),
        ("check_succeeded", c.Join(violation=again, makers=made_by(ada)), SYSTEM),
    ]
    before = _after(
        room(),
        (c.RequestInfo(question="Which customers?"), jude.name),
        (c.Join(violation=violation(3), makers=stranger), SYSTEM),
        (_SUCCESS, SYSTEM),
        (APPROVE, val.name),
    )
    for of, command, name in changes:
        role = Role.VALIDATOR if of in ("handed_off", "assigned") else None
        told = _told(of, before, role)
        assert _follow(before, told, SYSTEM) == []
        (update,) = _follow(_after(before, (command, name)), told, SYSTEM)
        assert update.kind == UPDATE_TOLD.name
        assert (update.payload["channel"], update.payload["ts"]) == ("D1", "1.2")


def test_what_was_under_way_while_nothing_changed_that_it_says_stays_as_it_is() -> None:
    seen = room()
    acknowledged = _after(seen, (c.Acknowledge(), val.name))
    assert _follow(acknowledged, _told("escalated", seen), SYSTEM) == []


def test_what_an_earlier_attempt_may_have_sent_is_brought_up_to_date() -> None:
    """Since nobody knows of which moment it tells."""
    (update,) = _follow(room(), _told("escalated", None), SYSTEM)
    assert update.kind == UPDATE_TOLD.name


def test_a_proposal_is_brought_up_to_date_once_what_nobody_is_known_for_is_split_off() -> None:
    unknown = violation(2, initiator=Initiator(email="new@acme.test"), dedup_key="ranker-8")
    storm = open_room("room000001", violation(), made_by(ada), rules(), START, is_storm=True).after
    join = c.Join(violation=unknown, makers=made_by(None, "email:new@acme.test"))
    nobody = c.IdentifyInitiator(account="email:new@acme.test", persons=())
    orders: tuple[c.Command, ...] = (join, nobody, APPROVE, _told("proposed", None))
    for command in orders:
        storm = _after(storm, (command, val.name if command is APPROVE else SYSTEM))
    effects = _follow(storm, split((violation(), unknown), unknown.id), jude.name)
    assert UPDATE_TOLD.name in [effect.kind for effect in effects]


def test_a_message_is_updated_for_what_changes_its_words_and_for_nothing_else() -> None:
    told = decide(room(), _told("escalated", room()), SYSTEM, POLICY, START)
    assert isinstance(told, Step)
    for command, name, count in (
        (c.Acknowledge(), val.name, 0),
        (c.RequestInfo(question="Which?"), jude.name, 0),
        (c.Join(violation=violation(2), makers=made_by(viv)), SYSTEM, 0),
        (c.Join(violation=violation(2), makers=made_by(val)), SYSTEM, 1),
        (c.Reject(reason="No."), jude.name, 1),
    ):
        kinds = [effect.kind for effect in _follow(told.after, command, name)]
        assert kinds.count(UPDATE_TOLD.name) == count, command


def test_the_rooms_of_one_digest_have_one_lane_to_bring_it_up_to_date() -> None:
    listing = Listing(needed=("room000001", "room000002"))
    message = PostedMessage(channel="D1", ts="1.1")
    page = r.RecordPage(name=val.name, message=message, digest=True, listing=listing)
    paged = decide(room(), page, SYSTEM, POLICY, START)
    assert isinstance(paged, Step)
    effects = _follow(paged.after, APPROVE, val.name)
    (update,) = [effect for effect in effects if effect.kind == UPDATE_DIGEST.name]
    assert (update.lane, update.shared) == ("digest:D1:1.1", True)
    row = FOLLOWING.row(update, START, Stream(WAR_ROOM.kind, "room000001"), paged.after)
    assert (row.stream_id, row.lane, row.latest_wins) == (None, "digest:D1:1.1", True)
