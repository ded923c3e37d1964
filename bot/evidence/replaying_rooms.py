"""Replays a war room through the lifecycle's table: each event had its turn, its role, its time.

Rules
- What people do is given as a command anew, at its time, to the room as it was then: a refusal is
  found, and so is an event that says otherwise than what the command leads to.
- What is set apart takes with it who made it, and nobody else.
- No event is of a time before what the room had seen; several machines' clocks may differ a little.
- Of all else the command's kind is held against the table: whether it had its turn in that state,
  in which state it ends, and who may give it.
- What doesn't stand in the record isn't judged: what somebody was shown, which scope's condition
  held, the words that the bot itself has written, and that two accounts are one human's. So a
  proposal stands where a decision would do by what is on record: it allows nothing.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from bot.domain import commands as c
from bot.domain import delivered as d
from bot.domain import events as e
from bot.domain import excepted, lifecycle
from bot.domain import reported as r
from bot.domain.aggregate import Recorded
from bot.domain.order import Order
from bot.domain.person import Actor
from bot.domain.policy import OfferedScope, Policy, Rules
from bot.domain.refusal import Refusal
from bot.domain.scope import name_of
from bot.domain.superseding import CarryOver, Supersede
from bot.domain.war_room import Decision, Outcome, Proposal, State, WarRoom
from bot.evidence import (
    replaying_makers,
    replaying_roles,
    replaying_storms,
    replaying_terms,
    replaying_told,
)
from bot.evidence.findings import Kind
from bot.evidence.judging import Found, Judged, refused, text_or

# Which commands lead to an event; the table says in which states they have their turn.
LED_TO_BY: Mapping[type[e.Later], tuple[type[Order], ...]] = {
    e.Joined: (c.Join,),
    e.Identified: (c.IdentifyInitiator, c.NameInitiator, r.RecordDropped),
    e.Reassigned: (c.ResolveGroup,),
    e.Acknowledged: (c.Acknowledge,),
    e.InfoRequested: (c.RequestInfo,),
    e.Explained: (c.Explain,),
    e.Extended: (c.Extend,),
    e.HandedOff: (c.HandOff,),
    e.Split: (c.Split,),
    e.Escalated: (c.Escalate,),
    e.Closed: (c.Close,),
    d.ChannelOpened: (r.RecordChannel,),
    d.CardPosted: (r.RecordCard,),
    d.Paged: (r.RecordPage,),
    d.Unreachable: (r.RecordUnreachable,),
    e.CheckSucceeded: (c.RecordSuccess,),
    d.Invited: (r.RecordInvited,),
    d.ResultShown: (r.RecordResult,),
    d.ChannelLost: (r.RecordChannelLost,),
    d.Told: (r.RecordTold,),
    e.ExceptionEnding: (excepted.WarnOfEnd,),
    e.ExceptionEnded: (excepted.EndException,),
    d.Dropped: (r.RecordDropped,),
    e.Assigned: (c.Assign,),
    d.TeamRecorded: (r.RecordTeam,),
    e.Replied: (c.RecordReply,),
    e.ExceptionRenewed: (excepted.RenewException,),
    e.CarriedOver: (CarryOver,),
}
# What of a decision follows from the room, the command and the policy.
_FOLLOWS = ("outcome", "verdict", "by", "role", "at", "category", "owner", "valid_until")
_FOLLOWS_BESIDES = ("policy_digest", "agreed", "scope", "review_at", "account")
_BY_NAMES = ("by", "owner", "agreed", "category", "scope", "account")  # erased, they are unsure
_PROPOSED = ("by", "role", "at", "outcome", "category", "validity", "void", "told")
# Each process has its machine's clock, and whoever writes next may be another: no longer than this
# is one behind another that is kept by NTP, or is it set back.
CLOCKS_APART = timedelta(minutes=5)


def faults(judged: Judged) -> Iterator[Found]:
    """What is wrong with an event of a war room."""
    room, recorded = judged.before, judged.recorded
    event = recorded.event
    digest = room.policy_digest if room else getattr(event, "policy_digest", "")
    rules = judged.rules(digest)
    if rules is None:
        if room is None or isinstance(event, e.Decided):
            yield Found(Kind.CITED, f"its policy {digest} is no document of the export")
        return
    if isinstance(event, e.Opened):
        yield from _opening(judged, event, rules.policy)
    elif room is not None:
        if recorded.at < _seen_at(room) - CLOCKS_APART:
            yield Found(Kind.SEQUENCE, f"it is of a time before {_seen_at(room):%Y-%m-%d %H:%M}")
        yield from replaying_makers.acting(room, recorded)
        if isinstance(event, e.Joined):
            yield from _joining(judged, room, event, rules.policy)
        if isinstance(event, e.Split):
            yield from replaying_storms.faults(room, event, judged.made, judged.schema)
        yield from replaying_roles.faults(room, event, rules.policy)
        yield from replaying_told.faults(room, judged)
        again = _command(room, recorded, rules.policy)
        yield from (
            _given(room, recorded, rules, again)
            if again
            else _in_turn(room, recorded, rules.policy)
        )


def _opening(judged: Judged, event: e.Opened, policy: Policy) -> Iterator[Found]:
    if event.room_id != judged.stream_id:
        yield Found(Kind.TRANSITION, f"it opens the war room {event.room_id}")
    if event.policy_id != policy.id:
        yield Found(Kind.CITED, f"its policy {event.policy_id} is {policy.id} by its document")
    if event.basis and event.basis.band and policy.band(event.basis.band) is None:
        yield Found(Kind.CITED, f"its policy has no band {event.basis.band}")
    if judged.recorded.state != State.OPEN:
        yield Found(Kind.TRANSITION, f"a war room opens, and isn't {judged.recorded.state}")
    yield from replaying_roles.opening(event, policy)
    yield from replaying_terms.opening(judged, event, policy)
    yield from replaying_makers.opening(event, judged.recorded.met, judged.schema)


def _joining(judged: Judged, room: WarRoom, event: e.Joined, policy: Policy) -> Iterator[Found]:
    yield from replaying_terms.joined(judged, room, event, policy)
    yield from replaying_makers.joined(room, event, judged.recorded.met, judged.schema)


def _seen_at(room: WarRoom) -> datetime:
    """The newest of the moments that a room holds: an event isn't of an earlier one."""
    once = (room.first_response_at, room.let_in_at, room.result_at, room.given_up_at)
    held = [each for each in once if each]
    if room.decision:
        held.append(room.decision.at)
    return max(room.opened_at, room.ladder_at, *room.acknowledged.values(), *held)


def _command(  # noqa: PLR0911 - a table: one case an event
    room: WarRoom, recorded: Recorded[Any], policy: Policy
) -> c.Command | None:
    """The command that somebody gave; None where it can't be told from its event."""
    event = recorded.event
    match event:
        case e.Acknowledged():
            return c.Acknowledge()
        case e.InfoRequested():
            return c.RequestInfo(question=text_or(event.question, 1))
        case e.Explained():
            return c.Explain(text=text_or(event.text, 1))
        case e.Extended():
            return c.Extend(by=event.by, reason=text_or(event.reason, 1))
        case e.HandedOff():
            return c.HandOff(role=event.role, to=room.person(event.to))
        case e.Proposed():
            return _proposing(event.proposal, policy)
        case e.Decided():
            return _deciding(recorded, event, policy)
    return None


def _deciding(recorded: Recorded[Any], event: e.Decided, policy: Policy) -> c.Command | None:
    decision = event.decision
    reason = text_or(decision.reason, policy.reasons.min_length)
    match decision.outcome:
        case Outcome.REJECTED:
            return c.Reject(reason=reason)
        case Outcome.WITHDRAWN:
            return c.Withdraw(note=reason)
        case Outcome.EXPIRED:
            return c.Expire()
        case Outcome.SUPERSEDED:
            return Supersede(commit="")
    validity = decision.valid_until - recorded.at if decision.valid_until else None
    return _allowing(decision, validity, policy, decision.review_at)


def _proposing(proposal: Proposal, policy: Policy) -> c.Command | None:
    return _allowing(proposal, proposal.validity, policy, None)


def _allowing(
    each: Any,  # noqa: ANN401 - a decision or a proposal
    validity: Any,  # noqa: ANN401 - a time or None
    policy: Policy,
    review_at: Any,  # noqa: ANN401 - a moment or None
) -> c.Command | None:
    scope: OfferedScope | None = each.scope
    chosen = name_of(scope) if scope else ""
    # Whether a condition held rests on facts that a room doesn't hold: it is taken as it is said.
    holding = (chosen,) if scope and scope.when else ()
    match each.outcome:
        case Outcome.APPROVED:
            reason = text_or(each.reason, policy.reasons.min_length)
            return c.Approve(reason=reason, scope=chosen, holding=holding)
        case Outcome.DISMISSED:
            return c.Dismiss(reason=text_or(each.reason, policy.reasons.min_length))
        case Outcome.OVERRIDDEN if validity is not None:
            return c.Override(
                justification=text_or(each.reason, policy.override.min_justification),
                category=each.category,
                validity=validity,
                scope=chosen,
                holding=holding,
                review_at=review_at,
            )
    return None


def _given(
    room: WarRoom, recorded: Recorded[Any], rules: Rules, command: c.Command
) -> Iterator[Found]:
    """What is wrong with an event that a command, given anew, doesn't lead to."""
    actor = Actor(person=room.person(recorded.actor), account=recorded.account)
    answer = lifecycle.decide(room, command, actor, rules, recorded.at)
    if isinstance(answer, Refusal):
        found = refused(answer)
        early = isinstance(command, c.Expire) and room.decision is None
        if early and found.kind is Kind.TRANSITION:
            found = Found(
                Kind.EARLY_EXPIRY, f"its window ended at {room.expires_at:%Y-%m-%d %H:%M}"
            )
        yield found
        return
    (again, *_) = answer.events
    if isinstance(recorded.event, e.Proposed) and isinstance(again.event, e.Decided):
        return
    if again.event.kind != recorded.event.kind:
        yield Found(Kind.DECISION, "it takes a second person, and is a proposal alone", True)
    elif again.state != recorded.state:
        yield Found(Kind.TRANSITION, f"it leads to {again.state}, not to {recorded.state}")
    else:
        yield from _differences(again.event, recorded.event)


def _differences(again: e.Event, event: Any) -> Iterator[Found]:  # noqa: ANN401 - of the same kind
    """What is wrong with what an event says, beside the one that its command leads to."""
    match again:
        case e.Decided():
            yield from _decided(again.decision, event.decision)
        case e.Proposed():
            if differ := _unlike(again.proposal, event.proposal, _PROPOSED):
                what = f"what was proposed has another {', '.join(differ)}"
                yield Found(Kind.DECISION, what)
            if again.proposal.scope != event.proposal.scope:
                yield Found(Kind.DECISION, "its policy leads to another scope", True)
        case e.HandedOff() if again.assignments != event.assignments:
            yield Found(Kind.DECISION, "another role changes hands than the one that was given")
        case e.Extended() if again.expires_at != event.expires_at:
            yield Found(Kind.DECISION, f"the window ends at {again.expires_at}")


def _decided(follows: Decision, said: Decision) -> Iterator[Found]:
    differ = _unlike(follows, said, (*_FOLLOWS, *_FOLLOWS_BESIDES))
    if said.outcome is Outcome.APPROVED and said.valid_until is None and said.scope is None:
        # So it was before there were exceptions: it holds for its own violations, and grants none.
        differ = [name for name in differ if name not in ("valid_until", "scope")]
    longer = said.valid_until and follows.valid_until and said.valid_until > follows.valid_until
    if longer:
        yield Found(Kind.OVER_MAXIMUM, f"its policy lets it hold until {follows.valid_until}")
    left = [name for name in differ if not (longer and name == "valid_until")]
    for rests in (False, True):
        if names := [name for name in left if (name in _BY_NAMES) is rests]:
            yield Found(Kind.DECISION, f"its policy leads to another {', '.join(names)}", rests)


def _unlike(follows: object, said: object, names: tuple[str, ...]) -> list[str]:
    return [name for name in names if getattr(follows, name) != getattr(said, name)]


def _in_turn(room: WarRoom, recorded: Recorded[Any], policy: Policy) -> Iterator[Found]:
    """What is wrong with an event by the kind of its command alone."""
    if isinstance(recorded.event, e.Decided):
        wrong = Kind.SECOND_DECISION if room.decision else Kind.DECISION
        yield Found(wrong, f"nothing leads to the outcome {recorded.event.decision.outcome}")
        return
    kinds = LED_TO_BY.get(type(recorded.event), ())
    rows = {kind: row for kind in kinds if (row := lifecycle.TABLE.get((room.state, kind)))}
    if not rows:
        yield Found(Kind.TRANSITION, f"a war room that is {room.state} takes no such step")
        return
    if recorded.state not in {row.to for row in rows.values()}:
        yield Found(Kind.TRANSITION, f"it doesn't lead to {recorded.state}")
    refusals = [
        lifecycle.not_entitled(room, _of_kind(each), recorded.actor, policy, recorded.at)
        for each in rows
    ]
    if all(refusals) and refusals[0]:
        yield refused(refusals[0])


@cache  # of a few kinds, which are frozen; each event of a delivery is of one
def _of_kind(command: type[Any]) -> c.Command:
    """A command of which nothing but its kind is looked at."""
    made: c.Command = command.model_construct()
    return made
