"""The life of an exception: who may grant, renew and revoke one, and what the clock does.

Rules
- It begins with a room's decision by somebody entitled to it. Who made the change never is.
- Renewing it is a decision anew, by whoever could have taken the first: the adjudicator for an
  override, the validator too for an approval. It needs a reason of its own, and holds from now on
  no longer than the policy allows.
- Revoking it needs a reason, takes effect at once, and is for validator, adjudicator and owner.
- It waives nothing that somebody made who has allowed it, or may have made as far as is known.
- What has ended or was revoked is over: what comes in then is asked for anew.
- The clock tells of each step before the end once; who is late tells of the last one alone.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import assert_never

from bot.domain import duration
from bot.domain import exception as x
from bot.domain.aggregate import Aggregate, Recorded, Step, Timer, Unknown
from bot.domain.ask import misfit, outside_review
from bot.domain.exception import ExceptionState, PolicyException
from bot.domain.makers import Behind
from bot.domain.person import BY_SYSTEM, SYSTEM, Actor, Person, name_in
from bot.domain.policy import Policy, Role, Rules
from bot.domain.refusal import Refusal, Why
from bot.domain.war_room import Outcome

KIND = "exception"
WARN, END = "warn", "end"

# Who may take the decision that an exception rests on.
ALLOWS: Mapping[Outcome, frozenset[Role]] = {
    Outcome.APPROVED: frozenset({Role.VALIDATOR, Role.ADJUDICATOR}),
    Outcome.OVERRIDDEN: frozenset({Role.ADJUDICATOR}),
}
REVOKES = frozenset({Role.VALIDATOR, Role.ADJUDICATOR})

_STATES: Mapping[type[x.Event], ExceptionState] = {
    x.Revoked: ExceptionState.REVOKED,
    x.Ended: ExceptionState.ENDED,
}


def decide(
    before: PolicyException | None,
    command: x.Command,
    actor: Actor,
    rules: Rules | None,
    now: datetime,
) -> Step[PolicyException, x.Event] | Refusal:
    """The step that `command` by `actor` leads to at `now`, or why there is none."""
    people = before.people if before else {}
    if isinstance(command, x.Grant):
        answer = _grant(before, command, actor, now)
        people = {person.name: person for person in (*command.persons, actor.person)}
    elif before is None or rules is None:
        return Refusal(Why.NOTHING_TO_DO, "There is no such exception.")
    else:
        answer = _over(before, now, command) or _in_turn(before, command, actor, rules, now)
    if isinstance(answer, Refusal):
        return answer
    initiators = before.initiators if before else ()
    name = name_in(people, actor.person, initiators)
    everybody = [actor.person] if actor.person.accounts else []
    if isinstance(command, x.Waive):
        everybody += command.made_by
    strangers = tuple(each for each in everybody if name_in(people, each, initiators) not in people)
    recorded: Recorded[x.Event] = Recorded(
        seq=before.version + 1 if before else 1,
        at=now,
        actor=name,
        event=answer,
        state=_STATES.get(type(answer), ExceptionState.ACTIVE),
        account=actor.account,
        met=strangers if before else tuple(people.values()),
    )
    return Step(evolve(before, recorded), (recorded,))


def _grant(
    before: PolicyException | None, command: x.Grant, actor: Actor, now: datetime
) -> x.Event | Refusal:
    granted = command.granted
    if before is not None:
        return Refusal(Why.NOTHING_TO_DO, f"War room {before.id} has made its exception.")
    makers = [person for person in command.persons if person.name in granted.initiators]
    may = ALLOWS.get(granted.outcome, frozenset())
    if refused := _not_entitled("grant", actor, (granted.role,), makers, may):
        return refused
    if not granted.granted_at <= now < granted.until:
        return Refusal(Why.LAPSED, f"It would have ended on {_moment(granted.until)}.")
    return granted


def _in_turn(
    state: PolicyException, command: x.Later, actor: Actor, rules: Rules, now: datetime
) -> x.Event | Refusal:
    if isinstance(command, x.Renew):
        return _renew(state, command, actor, rules.policy, now)
    if isinstance(command, x.Revoke):
        return _revoke(state, command, actor)
    if actor.person.name != SYSTEM:
        return Refusal(Why.NOT_ALLOWED, f"Only the bot itself can {command.verb}.")
    if isinstance(command, x.Waive):
        return _waive(state, command, rules.people)
    return _tick(state, command, now)


def _over(state: PolicyException, now: datetime, command: x.Later) -> Refusal | None:
    """The refusal of whatever comes too late; the end itself may come late."""
    anew = "what comes in now is asked for anew."
    if not state.state.is_known:
        words = f"Exception {state.id} is {state.state}: only a newer version can {command.verb}."
        return Refusal(Why.NOTHING_TO_DO, words)
    if state.revoked_by is not None and state.revoked_at is not None:
        words = f"Exception {state.id} was revoked by {{by}} on {_moment(state.revoked_at)}; {anew}"
        return Refusal(Why.DECIDED, words, people={"by": (state.person(state.revoked_by),)})
    if state.state is ExceptionState.ACTIVE and (now < state.until or isinstance(command, x.End)):
        return None
    return Refusal(Why.LAPSED, f"Exception {state.id} ended on {_moment(state.until)}; {anew}")


def _waive(
    state: PolicyException, command: x.Waive, people: Mapping[str, Person]
) -> x.Event | Refusal:
    if not state.covers_one(command.key, command.severity, command.basis.band):
        return Refusal(Why.NOT_ALLOWED, f"Exception {state.id} doesn't cover this violation.")
    deciders = [state.person(name) for name in (state.allowed_by, *state.agreed)]
    if any(Actor(person=each).is_one_with(maker) for each in deciders for maker in command.made_by):
        message = "Whoever made this change has allowed the exception, and nobody allows their own."
        return Refusal(Why.OWN_VIOLATION, message)
    listed = {each.name: people.get(each.name, each) for each in deciders}
    if doubt := next(filter(None, map(Behind(command.makers, listed).doubt, listed)), None):
        message = f"Exception {state.id} doesn't waive this, since {doubt}."
        return Refusal(Why.NOT_KNOWN, message)
    names = (name_in(state.people, maker, state.initiators) for maker in command.made_by)
    return x.Waived(
        violation=command.violation,
        policy_digest=command.policy_digest,
        basis=command.basis,
        makers=tuple(dict.fromkeys(names)),
        unknown_makers=command.unknown_makers,
    )


def _tick(state: PolicyException, command: x.WarnOfEnd | x.End, now: datetime) -> x.Event | Refusal:
    due = [at for at in _ahead(state) if at <= now]
    if isinstance(command, x.WarnOfEnd) and due:
        return x.Warned(due_at=due[-1], until=state.until)
    if isinstance(command, x.End) and now >= state.until:
        return x.Ended(until=state.until)
    return Refusal(Why.NOTHING_TO_DO, f"It holds until {_moment(state.until)}.")


def _renew(
    state: PolicyException, command: x.Renew, actor: Actor, policy: Policy, now: datetime
) -> x.Event | Refusal:
    makers = tuple(map(state.person, (*state.initiators, *state.makers)))
    may = ALLOWS.get(state.outcome, frozenset())
    refused = _not_entitled(command.verb, actor, command.roles, makers, may)
    return (
        refused
        or _unfit(state, command, policy, now)
        or x.Renewed(
            role=next(role for role in command.roles if role in may),
            reason=command.reason.strip(),
            until=now + command.validity,
            review_at=command.review_at,
        )
    )


def _unfit(
    state: PolicyException, command: x.Renew, policy: Policy, now: datetime
) -> Refusal | None:
    overrides, reason = state.outcome is Outcome.OVERRIDDEN, command.reason.strip()
    by_rule = policy.override.min_justification
    least = by_rule if overrides else policy.least_for_approval(state.severity)
    if refused := misfit("reason", reason, max(1, least)):
        return refused
    if reason == state.reason:
        message = "This is the reason that it was given with. Say why it is to go on."
        return Refusal(Why.INVALID, message, "reason")
    found, most = command.validity, policy.override.max_validity if overrides else policy.holds
    if timedelta(0) < found <= most and now + found > state.until:
        return outside_review(command.review_at, now, now + found)
    need = f"this policy allows at most {duration.words(most)} from now"
    message = (
        f"Found {duration.words(found)}: {need}, and it holds until {_moment(state.until)} already."
    )
    return Refusal(Why.INVALID, message, "validity")


def _revoke(state: PolicyException, command: x.Revoke, actor: Actor) -> x.Event | Refusal:
    role = next((role for role in command.roles if role in REVOKES), None)
    if role is None and not actor.is_one_with(state.person(state.owner)):
        message = f"Only the validator, the adjudicator or its owner can {command.verb}."
        return Refusal(Why.NOT_ALLOWED, message)
    reason = command.reason.strip()
    return misfit("reason", reason) or x.Revoked(role=role, reason=reason)


def _not_entitled(
    verb: str,
    actor: Actor,
    roles: Collection[Role],
    makers: Collection[Person],
    may: Collection[Role],
) -> Refusal | None:
    if any(map(actor.is_one_with, makers)) or Role.INITIATOR in roles:
        message = f"You made this change, so you can't {verb} here, whatever roles you hold."
        return Refusal(Why.OWN_VIOLATION, message)
    if any(role in may for role in roles):
        return None
    who = " or the ".join(role for role in Role if role in may) or "war room"
    return Refusal(Why.NOT_ALLOWED, f"Only the {who} can {verb} here.")


def evolve(before: PolicyException | None, recorded: Recorded[x.Event]) -> PolicyException:
    """The exception after `recorded`; ValueError when the event is out of order."""
    event = recorded.event
    if before is None:
        if not isinstance(event, x.Granted) or recorded.seq != 1:
            raise ValueError(f"an exception begins with its grant, not with {event.kind}")
        return _granted(event, recorded)
    if recorded.seq != before.version + 1:
        raise ValueError(f"event {recorded.seq} does not follow on {before.version}")
    state = before.but(
        version=recorded.seq,
        state=ExceptionState.read(recorded.state),
        people=before.people | {person.name: person for person in recorded.met},
    )
    match event:
        case x.Waived():
            return state.but(
                waived=state.waived + 1,
                newest=(*state.newest, event.violation.brief)[-x.NEWEST :],
                calls_back=state.calls_back or event.violation.report.callback_url is not None,
                makers=tuple(dict.fromkeys((*state.makers, *event.makers))),
                unknown_makers=tuple(dict.fromkeys((*state.unknown_makers, *event.unknown_makers))),
            )
        case x.Renewed():
            return state.but(
                owner=recorded.actor,
                allowed_by=recorded.actor,
                account=recorded.account,
                role=event.role,
                reason=event.reason,
                agreed=(),
                allowed_at=recorded.at,
                until=event.until,
                review_at=event.review_at,
                renewals=state.renewals + 1,
                warned_at=recorded.at,
            )
        case x.Revoked():
            return state.but(
                revoked_by=recorded.actor, revoked_at=recorded.at, revoked_for=event.reason
            )
        case x.Warned():
            return state.but(warned_at=event.due_at)
        case x.Ended() | Unknown():
            return state
        case x.Granted():
            raise ValueError("an exception is granted once")
    assert_never(event)


def _granted(event: x.Granted, recorded: Recorded[x.Event]) -> PolicyException:
    fields = {name: getattr(event, name) for name in type(event).model_fields}
    del fields["kind"]
    return PolicyException(
        id=fields.pop("room_id"),
        version=1,
        state=ExceptionState.read(recorded.state),
        people={person.name: person for person in recorded.met},
        allowed_by=recorded.actor,
        account=recorded.account,
        allowed_at=event.granted_at,
        warned_at=recorded.at,
        **fields,
    )


def _ahead(state: PolicyException) -> list[datetime]:
    """The steps before the end that nobody was told of yet."""
    return [at for at in state.warnings if at > state.warned_at]


def _next_timers(state: PolicyException, _: Rules | None) -> tuple[Timer, ...]:
    if state.state is not ExceptionState.ACTIVE:
        return ()
    ahead = _ahead(state)
    return (Timer(WARN, ahead[0]) if ahead else Timer(END, state.until),)


def _due_command(
    state: PolicyException, rules: Rules | None, now: datetime
) -> tuple[x.Command, Actor] | None:
    if not any(timer.due_at <= now for timer in _next_timers(state, rules)):
        return None
    # Nobody is warned of what has happened by now.
    return (x.End() if now >= state.until else x.WarnOfEnd()), BY_SYSTEM


def _moment(at: datetime) -> str:
    return f"{at:%d %b %Y %H:%M} UTC"


EXCEPTION: Aggregate[PolicyException, x.Command, x.Event] = Aggregate(
    kind=KIND,
    events=(x.Granted, x.Waived, x.Renewed, x.Revoked, x.Warned, x.Ended),
    timers=frozenset({WARN, END}),
    evolve=evolve,
    decide=decide,
    next_timers=_next_timers,
    due_command=_due_command,
    rules=lambda state: state.policy_digest,
)
