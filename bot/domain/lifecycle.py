"""The life of a war room: the one table of its steps, and `decide`.

Rules
- Nothing else changes a room. A command that is not in the table for the room's state is
  refused, and a refusal changes nothing.
- The state that a step ends in is the table's: it is written into the step's events.
- In a state that only a newer version knows a room takes no command.
- The first decision wins; there is no second one.
- From the deadline on nobody decides any more: the policy's default is what is left.
- Nobody decides on their own violation, whatever roles they hold (see `access`).
- What a second person has to allow is proposed first, and the room stays as it was.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args

from bot.domain import (
    access,
    decisions,
    excepted,
    exceptions,
    handlers,
    ladder,
    role_handlers,
    showing,
    usergroups,
)
from bot.domain import commands as c
from bot.domain import events as e
from bot.domain import reported as r
from bot.domain.aggregate import Aggregate, Recorded, Step, Timer
from bot.domain.ask import Answer, Ask, C
from bot.domain.assignments import assigned
from bot.domain.contents import PullRequest
from bot.domain.fold import evolve
from bot.domain.makers import Attributed, in_room
from bot.domain.order import Order
from bot.domain.person import (
    BY_SYSTEM,
    BY_TIMEOUT,
    NEW_COMMIT,
    OPERATOR,
    SYSTEM,
    TIMEOUT,
    Actor,
    Person,
    name_in,
    unlisted,
)
from bot.domain.policy import Policy, Rules
from bot.domain.refusal import Refusal, Why
from bot.domain.superseding import CarryOver, Supersede
from bot.domain.terms import Terms
from bot.domain.violation import Violation, graver
from bot.domain.war_room import State, WarRoom

RoomStep = Step[WarRoom, e.Event]
Handler = Callable[[Ask[Any]], Answer]


@dataclass(frozen=True, slots=True)
class Row:
    """A legal step: the state it ends in, and what it leads to.

    `proposed` is the state where it is only proposed, since it takes a second person.
    """

    to: State
    handle: Handler
    proposed: State | None = None


Key = tuple[State, type[Order]]
_BY_ITSELF = {TIMEOUT: Person(name="the clock"), NEW_COMMIT: Person(name="a newer commit")}


def _row(
    command: type[C],
    handle: Callable[[Ask[C]], Answer],
    *steps: tuple[State, State],
    proposed: State | None = None,
) -> dict[Key, Row]:
    """The rows of one command: in which states it has its turn, and in which it ends."""
    return {(state, command): Row(to, handle, proposed) for state, to in steps}


_STAYS_OPEN = (State.OPEN, State.OPEN)
_DECIDES = (State.OPEN, State.DECIDED)
_SETTLED = ((State.DECIDED, State.DECIDED), (State.CLOSED, State.CLOSED))
_ANY_TIME = tuple((state, state) for state in State)  # what Slack reports back is a fact

TABLE: Mapping[Key, Row] = {
    **_row(c.Join, handlers.join, _STAYS_OPEN),
    **_row(c.Acknowledge, handlers.acknowledge, _STAYS_OPEN),
    **_row(c.RequestInfo, handlers.request_info, _STAYS_OPEN),
    **_row(c.Explain, handlers.explain, _STAYS_OPEN),
    **_row(c.Extend, handlers.extend, _STAYS_OPEN),
    **_row(c.HandOff, handlers.hand_off, _STAYS_OPEN),
    **_row(c.Split, handlers.split, _STAYS_OPEN),
    **_row(c.Escalate, handlers.escalate, _STAYS_OPEN),
    **_row(c.Approve, decisions.approve, _DECIDES, proposed=State.OPEN),
    **_row(c.Override, decisions.override, _DECIDES, proposed=State.OPEN),
    **_row(c.Reject, decisions.reject, _DECIDES),
    **_row(c.Dismiss, decisions.dismiss, _DECIDES, proposed=State.OPEN),
    **_row(c.Withdraw, decisions.withdraw, _DECIDES),
    **_row(c.Expire, decisions.expire, _DECIDES),
    **_row(c.Close, handlers.close, (State.DECIDED, State.CLOSED)),
    **_row(c.IdentifyInitiator, handlers.identify, *_ANY_TIME),
    **_row(c.ResolveGroup, role_handlers.resolve_group, *_ANY_TIME),
    **_row(r.RecordChannel, handlers.record_channel, *_ANY_TIME),
    **_row(r.RecordCard, handlers.record_card, *_ANY_TIME),
    **_row(r.RecordPage, handlers.record_page, *_ANY_TIME),
    **_row(r.RecordUnreachable, handlers.record_unreachable, *_ANY_TIME),
    **_row(c.NameInitiator, handlers.name_initiator, _STAYS_OPEN),
    **_row(c.RecordSuccess, handlers.record_success, _STAYS_OPEN),
    **_row(r.RecordInvited, showing.record_invited, *_ANY_TIME),
    **_row(r.RecordResult, showing.record_result, *_ANY_TIME),
    **_row(r.RecordChannelLost, showing.record_channel_lost, *_ANY_TIME),
    **_row(r.RecordTold, showing.record_told, *_ANY_TIME),
    **_row(r.RecordDropped, showing.record_dropped, *_ANY_TIME),
    **_row(excepted.WarnOfEnd, exceptions.warn_of_end, *_SETTLED),
    **_row(excepted.EndException, exceptions.end_exception, *_SETTLED),
    **_row(c.Assign, role_handlers.assign, _STAYS_OPEN),
    **_row(r.RecordTeam, role_handlers.record_team, *_ANY_TIME),
    **_row(c.RecordReply, handlers.record_reply, _STAYS_OPEN),
    **_row(excepted.RenewException, exceptions.renew_exception, *_SETTLED),
    **_row(Supersede, decisions.supersede, _DECIDES),
    **_row(CarryOver, handlers.carry_over, _STAYS_OPEN),
}


def open_room(  # noqa: PLR0913 - what its opening has
    room_id: str,
    violation: Violation,
    attributed: tuple[Attributed, ...],
    rules: Rules,
    now: datetime,
    *,
    terms: Terms | None = None,
    is_storm: bool = False,
    key: str | None = None,
) -> RoomStep:
    """A new room for a violation; `attributed` are the humans behind it.

    Without `terms` people decide as the policy says for all that break it. With a `key` it is found
    by that, not by its violation's. A storm's room has no team: it takes the violations of all.
    """
    policy = rules.policy
    if terms is None:
        severity = graver(policy.severity, violation.report.severity or policy.severity)
        terms = Terms(severity=severity, window=policy.window)
    members = {
        name: rules.people.get(name) or unlisted(name)
        for roster in (policy.validator, policy.adjudicator)
        for name in (*roster.members, *roster.backups)
    }
    made_by = {person.name: person for each in attributed for person in each.persons}
    names = {key: name_in(members, person) for key, person in made_by.items()}
    makers = in_room(attributed, names)
    event = e.Opened(
        room_id=room_id,
        violation=violation,
        policy_id=policy.id,
        policy_digest=rules.digest,
        severity=terms.severity,
        team=None if is_storm else violation.report.team,
        makers=makers,
        assignments=assigned(policy, names.values(), terms.decide),
        window=terms.window,
        private=policy.private,
        awaits_readers=True,
        is_storm=is_storm,
        decide=terms.decide,
        basis=terms.basis,
        key=key,
        pull_request=PullRequest.of(violation.report),
    )
    met = {names[key]: person for key, person in made_by.items()} | members
    recorded: Recorded[e.Event] = Recorded(
        seq=1, at=now, actor=SYSTEM, event=event, state=State.OPEN, met=tuple(met.values())
    )
    return Step(evolve(None, recorded), (recorded,))


def decide(
    room: WarRoom, command: c.Command, actor: Actor, rules: Rules, now: datetime
) -> RoomStep | Refusal:
    """The step that `command` by `actor` leads to at `now`, or why there is none."""
    row = TABLE.get((room.state, type(command)))
    if row is None:
        return _out_of_turn(room, command)
    everybody = (actor.person, *command.people)
    names = {each.name: room.name_of(each) for each in everybody}
    name = names[actor.person.name]
    refusal = not_entitled(room, command, name, rules.policy, now)
    if refusal:
        return refusal
    role = access.sure_role(room, name, type(command), rules.policy, now)
    answer = row.handle(Ask(room, command, name, actor.account, role, names, rules, now, actor))
    if isinstance(answer, Refusal):
        return answer
    strangers = {each.name: each for each in everybody if each.accounts}
    met = tuple(each for key, each in strangers.items() if names[key] not in room.people)
    events: list[Recorded[e.Event]] = []
    for event in answer:
        recorded: Recorded[e.Event] = Recorded(
            seq=room.version + 1,
            at=now,
            actor=name,
            event=event,
            state=row.proposed or row.to if isinstance(event, e.Proposed) else row.to,
            account=actor.account,
            met=() if events else met,
        )
        events.append(recorded)
        room = evolve(room, recorded)
    return Step(room, tuple(events))


def _out_of_turn(room: WarRoom, command: c.Command) -> Refusal:
    decision = room.decision
    if not room.state.is_known:
        words = f"War room {room.id} is {room.state}: only a newer version can {command.verb} then."
        return Refusal(Why.NOTHING_TO_DO, words)
    if decision is None:
        return Refusal(Why.NOTHING_TO_DO, f"War room {room.id} is {room.state}: nothing to do.")
    decider = _BY_ITSELF.get(decision.by) or room.person(decision.by)
    return Refusal(
        Why.DECIDED,
        f"War room {room.id} was {decision.outcome} by {{by}} on {decision.at:%d %b %Y %H:%M} UTC; "
        f"nobody can {command.verb} any more.",
        people={"by": (decider,)},
    )


def not_entitled(
    room: WarRoom, command: c.Command, name: str, policy: Policy, now: datetime
) -> Refusal | None:
    """Why somebody, by their name in the room, can't give such a command now; None where they can.

    Its kind alone counts, not what it says.
    """
    verb = command.verb
    if type(command) not in access.HUMAN:
        return _not_by_people(command, name)
    if access.acting_role(room, name, type(command)) is None:
        if name in room.initiators:
            return Refusal(
                Why.OWN_VIOLATION,
                f"You made this change, so you can't {verb} here, whatever roles you hold. "
                "You can acknowledge, explain or withdraw.",
            )
        roles = " or the ".join(access.roles_that_may(room, type(command)))
        message = (
            f"Only the {roles} of war room {room.id} can {verb}."
            if roles
            else f"Nobody can {verb} in war room {room.id}: its {room.decide[0]} decides alone."
        )
        return Refusal(Why.NOT_ALLOWED, message + usergroups.perhaps_in(room, policy, now))
    if now >= room.expires_at:
        return Refusal(
            Why.LAPSED,
            f"The window of war room {room.id} ended on {room.expires_at:%d %b %Y %H:%M} UTC; "
            f"the policy's default holds and nobody can {verb} any more.",
        )
    if access.sure_role(room, name, type(command), policy, now) is None:
        return Refusal(
            Why.NOT_KNOWN,
            f"You can {verb} here as long as you are in a Slack user group, and Slack hasn't said "
            "lately who is in it. Nothing was recorded; please try again in a moment.",
        )
    return None


def _not_by_people(command: c.Command, name: str) -> Refusal | None:
    if isinstance(command, c.Assign):
        entitled, who = name == OPERATOR, "an operator"
    elif isinstance(command, Supersede):
        entitled, who = name == NEW_COMMIT, "a newer commit"
    else:
        entitled, who = name in (TIMEOUT, SYSTEM), "the war room itself"
    if entitled:
        return None
    return Refusal(Why.NOT_ALLOWED, f"Only {who} can {command.verb}.")


def _decide(
    room: WarRoom | None, command: c.Command, actor: Actor, rules: Rules, now: datetime
) -> RoomStep | Refusal:
    if room is None:
        return Refusal(Why.NOTHING_TO_DO, "There is no such war room.")
    return decide(room, command, actor, rules, now)


def _next_timers(room: WarRoom, rules: Rules) -> tuple[Timer, ...]:
    timer = ladder.next_timer(room, rules.policy)
    return (timer,) if timer else ()


def _due_command(room: WarRoom, rules: Rules, now: datetime) -> tuple[c.Command, Actor] | None:
    command = ladder.due_command(room, rules.policy, now)
    if command is None:
        return None
    return command, BY_TIMEOUT if isinstance(command, c.Expire) else BY_SYSTEM


WAR_ROOM: Aggregate[WarRoom, c.Command, e.Event] = Aggregate(
    kind="war_room",
    events=get_args(e.Event),
    timers=ladder.TIMERS,
    evolve=evolve,
    decide=_decide,
    next_timers=_next_timers,
    due_command=_due_command,
    rules=lambda room: room.policy_digest,
)
