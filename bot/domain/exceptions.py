"""What a room tells of the exception that its decision made: that it ends, has ended or goes on.

Rules
- When that is the exception's own stream knows (see `exception_life`), and has the room tell it.
- After the end nobody is warned of it any more.
- Whose follow-up asks for it already is not told once more that it ends.
- Its owner is told unless Slack can't reach them, and the adjudicator on duty, or the next in the
  order of duty whom Slack can reach.
"""

from bot.domain import events as e
from bot.domain import excepted
from bot.domain.ask import Answer, Ask
from bot.domain.policy import Role
from bot.domain.refusal import Refusal, Why
from bot.domain.war_room import WarRoom


def warn_of_end(ask: Ask[excepted.WarnOfEnd]) -> Answer:
    """Only while it holds."""
    if not excepted.holds(ask.room):
        return Refusal(Why.NOTHING_TO_DO, "No exception ends before long.")
    owner = ask.names[ask.command.owner.name]
    notify = _concerned(ask.room, owner, owner if ask.command.owner_asked else None)
    return (e.ExceptionEnding(ends_at=ask.command.ends_at, notify=notify),)


def end_exception(ask: Ask[excepted.EndException]) -> Answer:
    """Once."""
    command, by = ask.command, ask.command.revoked_by
    if not excepted.holds(ask.room):
        return Refusal(Why.NOTHING_TO_DO, "No exception has ended.")
    revoked_by = ask.names[by.name] if by else None
    owner = ask.names[command.owner.name] if command.owner else None
    notify = () if command.quiet else _concerned(ask.room, owner, revoked_by)
    return (
        e.ExceptionEnded(
            ended_at=command.ended_at, notify=notify, revoked_by=revoked_by, reason=command.reason
        ),
    )


def renew_exception(ask: Ask[excepted.RenewException]) -> Answer:
    """Only while it holds."""
    command, by = ask.command, ask.names[ask.command.by.name]
    if not excepted.holds(ask.room):
        return Refusal(Why.NOTHING_TO_DO, "No exception goes on.")
    notify = _concerned(ask.room, ask.room.decision.owner if ask.room.decision else None, by)
    return (e.ExceptionRenewed(until=command.until, by=by, reason=command.reason, notify=notify),)


def _concerned(room: WarRoom, owner: str | None, actor: str | None = None) -> tuple[str, ...]:
    """Owner and adjudicator, but for whoever has done it or is asked otherwise."""
    in_order = room.assignment(Role.ADJUDICATOR).holders
    adjudicator = next((name for name in in_order if name not in room.unreachable), None)
    names = (None if owner in room.unreachable else owner, adjudicator)
    return tuple(dict.fromkeys(name for name in names if name and name != actor))
