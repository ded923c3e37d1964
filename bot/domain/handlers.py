"""What each command leads to, once the table says that it has its turn.

A handler gives events, or a refusal; who may ask has been checked before.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from bot.domain import access, assignments, duration, ladder, storm
from bot.domain import commands as c
from bot.domain import events as e
from bot.domain.policy import OnExpiry, Policy, Role, Rung
from bot.domain.refusal import Refusal, Why
from bot.domain.war_room import Category, Decision, Outcome, Verdict, WarRoom

Answer = tuple[e.Event, ...] | Refusal

TEXT_MOST = 3000  # what a Slack text input holds


@dataclass(frozen=True, slots=True)
class Ask:
    """A command in its place."""

    room: WarRoom
    command: c.Command
    actor: str
    policy: Policy
    now: datetime

    @property
    def role(self) -> Role:
        """The role in which the actor acts."""
        role = access.acting_role(self.room, self.actor, type(self.command))
        return cast("Role", role)


def join(ask: Ask) -> Answer:
    """Another violation with the same key; its initiator leaves any seat they had."""
    command, room = cast("c.Join", ask.command), ask.room
    new = command.violation
    initiator = command.initiator or storm.maker(room, new.email)
    seated = assignments.without(room.seats, {initiator} if initiator else ())
    joined = e.Joined(violation=new, initiator=initiator, seats=seated)
    if initiator is None and storm.is_unknown_address(room, new.email):
        return (joined, e.Identified(violation_id=new.id, user=None, seats=seated))
    return (joined,)


def acknowledge(ask: Ask) -> Answer:
    """Once a person."""
    if ask.actor in ask.room.acknowledged:
        return Refusal(Why.NOTHING_TO_DO, "You have already acknowledged this.")
    return (e.Acknowledged(role=ask.role),)


def request_info(ask: Ask) -> Answer:
    """A question needs words."""
    question = cast("c.RequestInfo", ask.command).question.strip()
    return _short("question", question) or (e.InfoRequested(role=ask.role, question=question),)


def explain(ask: Ask) -> Answer:
    """An answer needs words."""
    text = cast("c.Explain", ask.command).text.strip()
    return _short("explanation", text) or (e.Explained(role=ask.role, text=text),)


def extend(ask: Ask) -> Answer:
    """With a reason; all extensions together at most double the window."""
    command, room = cast("c.Extend", ask.command), ask.room
    reason = command.reason.strip()
    left = room.window - room.extended_by
    if not timedelta(0) < command.by <= left:
        found = duration.text(command.by)
        need = (
            f"at most {duration.text(left)} more: extensions may double the window of "
            f"{duration.text(room.window)}, no more"
            if left
            else f"nothing more: the window of {duration.text(room.window)} is doubled already"
        )
        return Refusal(Why.INVALID, f"Found {found}, possible is {need}.", "by")
    return _short("reason", reason) or (
        e.Extended(
            role=ask.role, by=command.by, expires_at=room.expires_at + command.by, reason=reason
        ),
    )


def hand_off(ask: Ask) -> Answer:
    """One's own role, to somebody who may hold it."""
    command, room = cast("c.HandOff", ask.command), ask.room
    if command.role is Role.INITIATOR or room.seat(command.role).on_duty != ask.actor:
        message = f"You are not the {command.role} on duty: only your own role can be handed off."
        return Refusal(Why.NOT_ALLOWED, message)
    others = [user for user in room.seat(command.role).holders if user != ask.actor]
    if command.to not in others:
        can = ", ".join(f"<@{user}>" for user in others) or "nobody else in this policy"
        message = f"<@{command.to}> can't be {command.role} here; eligible: {can}."
        return Refusal(Why.INVALID, message, "to")
    seated = assignments.handed(room.seats, command.role, command.to)
    return (e.HandedOff(role=command.role, to=command.to, seats=seated),)


def set_apart(ask: Ask) -> Answer:
    """One of a storm, with those that have its key: the others stay under one decision."""
    command, room = cast("c.Split", ask.command), ask.room
    if not room.is_storm or storm.is_one_key(room):
        message = f"All that is in war room {room.id} is one decision: nothing can be set apart."
        return Refusal(Why.NOTHING_TO_DO, message)
    leaving = tuple(each.id for each in storm.together(room, command.violation_id))
    if not leaving:
        return Refusal(Why.INVALID, "Choose one that is still in this war room.", "violation")
    return (e.Split(role=ask.role, violations=leaving, to=command.to),)


def escalate(ask: Ask) -> Answer:
    """The steps of the ladder that were reached."""
    steps = ladder.due_steps(ask.room, ask.policy, ask.now)
    if not steps:
        return Refusal(Why.NOTHING_TO_DO, "No step of the ladder is due.")
    return tuple(
        e.Escalated(rung=rung, due_at=due_at, notify=_notify(ask.room, rung))
        for due_at, rung in steps
    )


def _notify(room: WarRoom, rung: Rung) -> tuple[str, ...]:
    if rung is Rung.REMIND:
        return tuple(user for user in room.on_duty if user not in room.acknowledged)
    if rung is Rung.PAGE_BACKUP:
        rest = [user for seat in room.seats for user in seat.others + seat.backups]
        return tuple(dict.fromkeys(user for user in rest if user not in room.pages))
    deciding = [user for seat in room.seats for user in seat.holders if user in room.invited]
    return tuple(dict.fromkeys(deciding))


def approve(ask: Ask) -> Answer:
    """The change is within policy."""
    return _decided(ask, Outcome.APPROVED, cast("c.Approve", ask.command).note.strip())


def override(ask: Ask) -> Answer:
    """A documented exception: long enough a justification, short enough a validity."""
    command, rule = cast("c.Override", ask.command), ask.policy.override
    justification = " ".join(command.justification.split())
    if len(justification) < rule.min_justification:
        message = (
            f"Found {len(justification)} characters, this policy needs at least "
            f"{rule.min_justification}."
        )
        return Refusal(Why.INVALID, message, "justification")
    if not timedelta(0) < command.validity <= rule.max_validity:
        message = (
            f"Found {duration.text(command.validity)}, this policy allows at most "
            f"{duration.text(rule.max_validity)}."
        )
        return Refusal(Why.INVALID, message, "validity")
    return _short("justification", justification) or _decided(
        ask,
        Outcome.OVERRIDDEN,
        command.justification.strip(),
        category=command.category,
        valid_until=ask.now + command.validity,
    )


def reject(ask: Ask) -> Answer:
    """With a reason."""
    reason = cast("c.Reject", ask.command).reason.strip()
    return _short("reason", reason) or _decided(ask, Outcome.REJECTED, reason)


def dismiss(ask: Ask) -> Answer:
    """With a reason."""
    reason = cast("c.Dismiss", ask.command).reason.strip()
    return _short("reason", reason) or _decided(ask, Outcome.DISMISSED, reason)


def withdraw(ask: Ask) -> Answer:
    """By an initiator; in a room of several violations it takes all of them."""
    if ask.room.is_storm and not storm.all_by(ask.room, ask.actor):
        message = (
            f"War room {ask.room.id} holds changes of others too, and a withdrawal takes all. "
            "Ask the validator to settle yours apart; you can withdraw it there."
        )
        return Refusal(Why.NOT_ALLOWED, message)
    return _decided(ask, Outcome.WITHDRAWN, cast("c.Withdraw", ask.command).note.strip())


def expire(ask: Ask) -> Answer:
    """The policy's default, once the window has ended."""
    if ask.now < ask.room.expires_at:
        return Refusal(Why.NOTHING_TO_DO, "The window has not ended.")
    window = duration.text(ask.room.expires_at - ask.room.opened_at)
    reason = f"Nobody decided within {window}; the policy's default is {ask.policy.on_expiry}."
    return _decided(ask, Outcome.EXPIRED, reason)


def _decided(
    ask: Ask,
    outcome: Outcome,
    reason: str,
    *,
    category: Category | None = None,
    valid_until: datetime | None = None,
) -> Answer:
    if unseen := storm.unseen(ask.room, ask.command):
        more = "1 more violation" if unseen == 1 else f"{unseen} more violations"
        message = f"{more} came in since you were shown this storm. Look at its card, then decide."
        return Refusal(Why.INVALID, message)
    verdict = outcome.verdict
    if outcome is Outcome.EXPIRED and ask.policy.on_expiry is OnExpiry.ALLOW:
        verdict = Verdict.ALLOW
    elif verdict is Verdict.ALLOW and ask.room.unidentified:
        return Refusal(
            Why.UNIDENTIFIED,
            "Slack is being asked who made this change, and whoever it was can't decide on it. "
            "Please try again in a moment.",
        )
    role = None if outcome is Outcome.EXPIRED else ask.role
    decision = Decision(
        outcome=outcome,
        verdict=verdict,
        by=ask.actor,
        role=role,
        at=ask.now,
        reason=reason,
        category=category,
        owner=ask.actor if outcome is Outcome.OVERRIDDEN else None,
        valid_until=valid_until,
        policy_digest=ask.room.policy_digest,
        policy_place=ask.policy.place,
    )
    return (e.Decided(decision=decision),)


def close(ask: Ask) -> Answer:
    """Once the result was there to be read for long enough."""
    if ladder.due_command(ask.room, ask.policy, ask.now) is None:
        return Refusal(Why.NOTHING_TO_DO, "The result is still being shown.")
    return (e.Closed(),)


def identify(ask: Ask) -> Answer:
    """An initiator has a Slack account, or none; with one they leave any seat they had.

    The answer holds for all violations that await one on the same address.
    """
    command, room = cast("c.IdentifyInitiator", ask.command), ask.room
    named = next((each for each in room.violations if each.id == command.violation_id), None)
    if named is None:
        return Refusal(Why.NOTHING_TO_DO, f"{command.violation_id} is not in this room.")
    also = tuple(each for each in room.awaiting(named.email) if each != named.id)
    seated = assignments.without(room.seats, {command.user}) if command.user else room.seats
    event = e.Identified(violation_id=named.id, also=also, user=command.user, seats=seated)
    return (event,)


def resolve_group(ask: Ask) -> Answer:
    """A user group is resolved; initiators in it get no seat."""
    command, room = cast("c.ResolveGroup", ask.command), ask.room
    seat = room.seat(command.role)
    if (seat.unknown_backup_group if command.backup else seat.unknown_group) is None:
        return Refusal(Why.NOTHING_TO_DO, "That group was resolved before.")
    users = tuple(user for user in command.users if user not in room.initiators)
    seated = assignments.with_group(room.seats, command.role, users, backup=command.backup)
    return (e.Reassigned(role=command.role, seats=seated),)


def record_channel(ask: Ask) -> Answer:
    """Once a room."""
    if ask.room.channel:
        return Refusal(Why.NOTHING_TO_DO, "The room has its channel.")
    return (e.ChannelOpened(channel=cast("c.RecordChannel", ask.command).channel),)


def record_card(ask: Ask) -> Answer:
    """Once a room."""
    if ask.room.card:
        return Refusal(Why.NOTHING_TO_DO, "The room has its card.")
    return (e.CardPosted(message=cast("c.RecordCard", ask.command).message),)


def record_page(ask: Ask) -> Answer:
    """Once a person."""
    command = cast("c.RecordPage", ask.command)
    if command.user in ask.room.pages:
        return Refusal(Why.NOTHING_TO_DO, "That person was paged before.")
    return (e.Paged(user=command.user, message=command.message, digest=command.digest),)


def record_unreachable(ask: Ask) -> Answer:
    """Once a person; the next in the order of duty takes over."""
    command, room = cast("c.RecordUnreachable", ask.command), ask.room
    if command.user in room.unreachable:
        return Refusal(Why.NOTHING_TO_DO, "That person is known to be unreachable.")
    seated = assignments.skip_unreachable(room.seats, command.user, room.unreachable)
    return (e.Unreachable(user=command.user, error=command.error, seats=seated),)


def _short(name: str, text: str) -> Refusal | None:
    if not text:
        return Refusal(Why.INVALID, f"A {name} is needed.", name)
    if len(text) > TEXT_MOST:
        message = f"Found {len(text)} characters, at most {TEXT_MOST} are possible."
        return Refusal(Why.INVALID, message, name)
    return None
