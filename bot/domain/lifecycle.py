"""The life of a war room: the one table of its steps, `decide` and `evolve`.

Rules
- Nothing else changes a room. A command that is not in the table for the room's state is
  refused, and a refusal changes nothing.
- The first decision wins; there is no second one.
- From the deadline on nobody decides any more: the policy's default is what is left.
- Nobody decides on their own violation, whatever roles they hold (see `access`).
- The room is the fold of its events: `evolve` looks at nothing else.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.domain import access, handlers
from bot.domain import commands as c
from bot.domain.assignments import seats
from bot.domain.events import Event, Opened, Recorded
from bot.domain.fold import evolve
from bot.domain.policy import Policy
from bot.domain.refusal import Refusal, Why
from bot.domain.violation import Violation, graver
from bot.domain.war_room import SYSTEM, TIMEOUT, State, WarRoom

Handler = Callable[[handlers.Ask], tuple[Event, ...] | Refusal]


@dataclass(frozen=True, slots=True)
class Row:
    """A legal step: the state it ends in, and what it leads to."""

    to: State
    handle: Handler


_OPEN, _DECIDED, _CLOSED = State.OPEN, State.DECIDED, State.CLOSED

# What Slack reports back is a fact in every state.
_REPORTED: Mapping[type[c.Command], Handler] = {
    c.IdentifyInitiator: handlers.identify,
    c.ResolveGroup: handlers.resolve_group,
    c.RecordChannel: handlers.record_channel,
    c.RecordCard: handlers.record_card,
    c.RecordPage: handlers.record_page,
    c.RecordUnreachable: handlers.record_unreachable,
}

TABLE: Mapping[tuple[State, type[c.Command]], Row] = {
    (_OPEN, c.Join): Row(_OPEN, handlers.join),
    (_OPEN, c.Acknowledge): Row(_OPEN, handlers.acknowledge),
    (_OPEN, c.RequestInfo): Row(_OPEN, handlers.request_info),
    (_OPEN, c.Explain): Row(_OPEN, handlers.explain),
    (_OPEN, c.Extend): Row(_OPEN, handlers.extend),
    (_OPEN, c.HandOff): Row(_OPEN, handlers.hand_off),
    (_OPEN, c.Split): Row(_OPEN, handlers.set_apart),
    (_OPEN, c.Escalate): Row(_OPEN, handlers.escalate),
    (_OPEN, c.Approve): Row(_DECIDED, handlers.approve),
    (_OPEN, c.Override): Row(_DECIDED, handlers.override),
    (_OPEN, c.Reject): Row(_DECIDED, handlers.reject),
    (_OPEN, c.Dismiss): Row(_DECIDED, handlers.dismiss),
    (_OPEN, c.Withdraw): Row(_DECIDED, handlers.withdraw),
    (_OPEN, c.Expire): Row(_DECIDED, handlers.expire),
    (_DECIDED, c.Close): Row(_CLOSED, handlers.close),
    **{
        (state, order): Row(state, handle) for state in State for order, handle in _REPORTED.items()
    },
}


@dataclass(frozen=True, slots=True)
class Step:
    """A legal step: the room after it, and the events that led there."""

    room: WarRoom
    events: tuple[Recorded, ...]


def open_room(
    room_id: str,
    violation: Violation,
    initiator: str | None,
    policy: Policy,
    now: datetime,
    *,
    is_storm: bool = False,
) -> Step:
    """A new room for a violation; `initiator` is their Slack id where it is known.

    With `is_storm` it is the room of a storm: it belongs to no team, since it takes those of all.
    """
    severity = violation.report.severity or policy.severity
    event = Opened(
        room_id=room_id,
        violation=violation,
        policy_id=policy.id,
        policy_digest=policy.digest,
        severity=graver(severity, policy.severity) if is_storm else severity,
        team=None if is_storm else violation.report.team,
        initiator=initiator,
        seats=seats(policy, {initiator} if initiator else ()),
        window=policy.window,
        private=policy.private,
        is_storm=is_storm,
    )
    recorded = Recorded(seq=1, at=now, actor=SYSTEM, event=event)
    return Step(evolve(None, recorded), (recorded,))


def decide(
    room: WarRoom, command: c.Command, actor: str, policy: Policy, now: datetime
) -> Step | Refusal:
    """The step that `command` by `actor` leads to at `now`, or why there is none."""
    row = TABLE.get((room.state, type(command)))
    if row is None:
        return _out_of_turn(room, command)
    refusal = _not_entitled(room, command, actor, now)
    if refusal:
        return refusal
    answer = row.handle(handlers.Ask(room, command, actor, policy, now))
    if isinstance(answer, Refusal):
        return answer
    events = tuple(
        Recorded(seq=room.version + n, at=now, actor=actor, event=event)
        for n, event in enumerate(answer, start=1)
    )
    for recorded in events:
        room = evolve(room, recorded)
    return Step(room, events)


def _out_of_turn(room: WarRoom, command: c.Command) -> Refusal:
    if room.decision:
        by = "the clock" if room.decision.by == TIMEOUT else f"<@{room.decision.by}>"
        when = f"{room.decision.at:%d %b %H:%M} UTC"
        return Refusal(
            Why.DECIDED,
            f"War room {room.id} was {room.decision.outcome} by {by} on {when}; "
            f"nobody can {command.verb} any more.",
        )
    return Refusal(Why.NOTHING_TO_DO, f"War room {room.id} is {room.state}: nothing to do.")


def _not_entitled(room: WarRoom, command: c.Command, actor: str, now: datetime) -> Refusal | None:
    verb = command.verb
    if type(command) not in access.HUMAN:
        if actor in (TIMEOUT, SYSTEM):
            return None
        return Refusal(Why.NOT_ALLOWED, f"Only the war room itself can {verb}.")
    if access.acting_role(room, actor, type(command)) is None:
        if actor in room.initiators:
            return Refusal(
                Why.OWN_VIOLATION,
                f"You made this change, so you can't {verb} here, whatever roles you hold. "
                "You can acknowledge, explain or withdraw.",
            )
        roles = " or the ".join(access.roles_that_may(type(command)))
        return Refusal(Why.NOT_ALLOWED, f"Only the {roles} of war room {room.id} can {verb}.")
    if now >= room.expires_at:
        return Refusal(
            Why.LAPSED,
            f"The window of war room {room.id} ended on {room.expires_at:%d %b %H:%M} UTC; "
            f"the policy's default holds and nobody can {verb} any more.",
        )
    return None
