"""Replays an exception: granted by a decision on record, within its policy, renewed by others.

Rules
- It is what its room has decided: by whom, for whom, on whose change, for how long.
- Its orders are given anew at their time; what is refused is found. Whoever gave one has the role
  that it names by the room, as far as that is on record by then.
- It holds no longer than its policy lets what was decided hold, and no longer than its decision.
- What it has waived it covers, as its policy says by the violation's facts.
- What it covers its room's violations are, as `replaying_covers` says.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.domain import exception as x
from bot.domain import exception_rights, scope
from bot.domain.aggregate import Recorded
from bot.domain.exception import PolicyException
from bot.domain.exception_life import EXCEPTION
from bot.domain.person import Actor, Person
from bot.domain.policy import Policy, Role, Rules
from bot.domain.refusal import Refusal
from bot.domain.war_room import Decision, Outcome, Verdict, WarRoom
from bot.evidence import replaying_covers
from bot.evidence.findings import Kind
from bot.evidence.judging import Found, Judged, refused, reported, text_or
from bot.policies.matching import in_room

# What of its decision an exception holds as it is, and what says no more when values are gone.
_TAKEN_OVER = ("role", "category", "review_at", "policy_place", "configuration")


def faults(judged: Judged) -> Iterator[Found]:
    """What is wrong with an event of an exception."""
    recorded, before = judged.recorded, judged.before
    event = recorded.event
    digest = before.policy_digest if before else getattr(event, "policy_digest", "")
    rules = judged.rules(digest)
    if rules is None:
        yield Found(Kind.CITED, f"its policy {digest} is no document of the export")
    elif isinstance(event, x.Granted):
        yield from _granted(judged, event, rules.policy)
    elif isinstance(event, x.Waived):
        yield from _waived(judged, before, event)
    elif before is not None:
        yield from _ordered(judged, before, rules)


def _granted(judged: Judged, event: x.Granted, policy: Policy) -> Iterator[Found]:
    recorded = judged.recorded
    persons = {person.name: person for person in recorded.met}
    actor = Actor(person=persons.get(recorded.actor, Person(name=recorded.actor)))
    order = x.Grant(granted=event, persons=recorded.met)
    answer = EXCEPTION.decide(judged.before, order, actor, None, recorded.at)
    if isinstance(answer, Refusal):
        yield refused(answer)
    most = policy.override.max_validity if event.outcome is Outcome.OVERRIDDEN else policy.holds
    yield from _too_long(event.granted_at, event.until, most)
    if event.room_id != judged.stream_id:
        yield Found(Kind.TRANSITION, f"war room {event.room_id} grants it, which isn't its number")
        return
    room = judged.room(event.room_id)
    decision = room.decision if room else None
    if room is None or decision is None or decision.verdict is not Verdict.ALLOW:
        yield Found(Kind.DECISION, f"no decision of war room {event.room_id} allows it")
        return
    said = (event.outcome, event.granted_at, event.until, event.policy_digest)
    decided = (decision.outcome, decision.at, decision.valid_until, decision.policy_digest)
    # Of what could not be known it covers nothing besides, whatever scope was chosen.
    if said != decided or event.scope not in (None, decision.scope):
        yield Found(Kind.DECISION, "it isn't what its war room has decided")
    yield from _unlike(recorded, event, room, decision)
    yield from replaying_covers.faults(event, policy, judged.held(event.room_id))


def _unlike(
    recorded: Recorded[x.Event], event: x.Granted, room: WarRoom, decision: Decision
) -> Iterator[Found]:
    """What of a grant isn't as it is in its room, where it was taken over from there."""
    differ = [name for name in _TAKEN_OVER if getattr(event, name) != getattr(decision, name)]
    if differ:
        yield Found(Kind.DECISION, f"its war room has decided on another {', '.join(differ)}")
    named = {
        "initiators": (event.initiators, room.initiators),
        "owner": (event.owner, decision.owner or decision.by),
        "agreed": (event.agreed, decision.agreed),
        "reason": (event.reason, decision.reason),
        "actor": ((recorded.actor, recorded.account), (decision.by, decision.account)),
    }
    if differ := [name for name, (said, was) in named.items() if said != was]:
        yield Found(Kind.DECISION, f"its war room has another {', '.join(differ)}", True)


def _too_long(since: datetime, until: datetime, most: timedelta) -> Iterator[Found]:
    if until - since > most:
        yield Found(Kind.OVER_MAXIMUM, f"it holds for {until - since}, its policy allows {most}")


def _waived(judged: Judged, before: PolicyException, event: x.Waived) -> Iterator[Found]:
    at = judged.recorded.at
    if not before.is_active(at):
        yield Found(
            Kind.TRANSITION, f"it is {before.state} until {before.until}: it waives nothing"
        )
    deciders = {before.allowed_by, *before.agreed}
    if own := sorted(deciders.intersection(event.makers)):
        yield Found(Kind.OWN_VIOLATION, f"{', '.join(own)} has allowed it and made the change")
    elif own := reported(event.violation.report, map(before.person, sorted(deciders))):
        what = f"{', '.join(own)} has allowed it, and made the change as its report says"
        yield Found(Kind.OWN_VIOLATION, what, True)
    rules = judged.rules(event.policy_digest)
    if rules is None:
        yield Found(Kind.CITED, f"the policy {event.policy_digest} is no document of the export")
        return
    judgement, ask = in_room(rules.policy, event.violation)
    band = judgement.band.id if judgement.band else None
    keys = scope.keys(rules.policy, event.violation.report, ask)
    if not any(before.covers_one(key, judgement.severity, band) for key in keys):
        yield Found(Kind.RULE, "the exception doesn't cover this violation", True)


def _ordered(judged: Judged, before: PolicyException, rules: Rules) -> Iterator[Found]:
    recorded = judged.recorded
    command = _command(recorded, rules.policy)
    if command is None:
        yield Found(Kind.TRANSITION, "an exception takes no such step")
        return
    met = (person for person in recorded.met if person.name == recorded.actor)
    actor = Actor(person=next(met, before.person(recorded.actor)), account=recorded.account)
    answer = EXCEPTION.decide(before, command, actor, rules, recorded.at)
    if isinstance(answer, Refusal):
        found = refused(answer)
        if isinstance(command, x.End) and found.kind is Kind.TRANSITION:
            found = Found(Kind.EARLY_EXPIRY, answer.message)
        yield found
    elif answer.events[0].state != recorded.state:
        yield Found(Kind.TRANSITION, f"it doesn't lead to {recorded.state}")
    elif isinstance(command, x.Renew | x.Revoke) and command.roles:
        yield from _out_of_role(judged, before, command, actor, rules.policy)


def _out_of_role(
    judged: Judged,
    before: PolicyException,
    command: x.Renew | x.Revoke,
    actor: Actor,
    policy: Policy,
) -> Iterator[Found]:
    """That whoever gave an order doesn't have by its room the role in which they gave it."""
    room = judged.room(judged.stream_id)
    if room is None:
        return
    # The room may know them by several names, and the exception by any of these.
    known = [each for each in room.people.values() if actor.is_one_with(each)] or [actor.person]
    given = [
        exception_rights.given(
            room, before, policy, command, actor.but(person=each), judged.recorded.at
        )
        for each in known
    ]
    refusals = [each for each in given if isinstance(each, Refusal)]
    roles = {role for each in given if not isinstance(each, Refusal) for role in each[0].roles}
    if roles.intersection(command.roles):
        return
    if Role.INITIATOR in roles:
        yield Found(Kind.OWN_VIOLATION, "whoever made the change can't do that", True)
        return
    why = f"{refusals[0].message}" if refusals else f"{actor.person.name} has no such role there"
    yield Found(Kind.NOT_ENTITLED, f"{command.roles[0]} of war room {room.id}: {why}", True)


def _command(recorded: Recorded[x.Event], policy: Policy) -> x.Later | None:
    match recorded.event:
        case x.Renewed() as event:
            return x.Renew(
                reason=text_or(
                    event.reason, max(policy.override.min_justification, policy.reasons.min_length)
                ),
                validity=event.until - recorded.at,
                review_at=event.review_at,
                roles=(event.role,),
            )
        case x.Revoked() as event:
            roles = (event.role,) if event.role else ()
            return x.Revoke(reason=text_or(event.reason, 1), roles=roles)
        case x.Warned():
            return x.WarnOfEnd()
        case x.Ended():
            return x.End()
    return None
