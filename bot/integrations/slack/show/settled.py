"""A message that asked for something, as it is to read once that has changed.

Rules
- It is made anew from its event and from the room as it is now. As long as it asks for something
  that is still wanted, it reads as it did, with what is true now.
- What it asked for stays readable; what became of it stands under it, or in its place.
"""

from bot.domain import events as e
from bot.domain.access import roles_of
from bot.domain.aggregate import Recorded
from bot.domain.ladder import steps
from bot.domain.policy import Policy, Rung
from bot.domain.war_room import WarRoom
from bot.integrations.slack.show import cards, decision, news
from bot.integrations.slack.show.blocks import context, quoted, section
from bot.integrations.slack.show.participants import called
from bot.integrations.slack.show.text import FALLBACK_TEXT, Rendered, clip, date
from bot.integrations.slack.show.violation import headline, named

_TITLE = 300


def is_over(recorded: Recorded[e.Event], room: WarRoom) -> bool:
    """Whether what an event asks of somebody is over, so that they need not be told of it."""
    event = recorded.event
    match event:
        case e.ExceptionEnding():
            return room.exception_ended_at is not None
        case e.InfoRequested():
            return bool(room.decision) or _question(event, room) is not None
        case e.HandedOff() | e.Assigned():
            return bool(room.decision) or room.assignment(event.role).on_duty != event.to
        case e.Escalated() | e.Proposed():
            return bool(room.decision)
        case e.CheckSucceeded():
            return bool(room.decision) or room.fixed is None
    return False


def now(recorded: Recorded[e.Event], room: WarRoom, policy: Policy, name: str | None) -> Rendered:
    """The message about an event as it is true now; to somebody by `name`, or in the channel."""
    if changed := _changed(recorded, room, policy, name):
        return changed
    if name is None:
        return news.announcement(recorded, room, policy)
    return news.told(recorded, room, policy, name)


def _changed(  # noqa: PLR0911 - a table: one case an event
    recorded: Recorded[e.Event], room: WarRoom, policy: Policy, name: str | None
) -> Rendered | None:
    """What stands in its place; None as long as it asks for something that is still wanted."""
    match recorded.event:
        case e.ExceptionEnding():
            return _exception_over(room) if room.exception_ended_at else None
        case _ if room.decision:
            return _settled(recorded, room)
        case e.InfoRequested() as event if over := _question(event, room):
            asked = _question_asked(event)
            return Rendered(asked.text, [*asked.blocks, context(over)])
        case (e.HandedOff() | e.Assigned()) as event if (
            room.assignment(event.role).on_duty != event.to
        ):
            on_duty = room.assignment(event.role).on_duty
            who = called(room, on_duty) if on_duty else "nobody"
            return _line(room, f"You were {event.role} on duty here; now that is {who}.")
        case e.CheckSucceeded() if room.fixed is None:
            return _line(room, "The check that had succeeded here has failed again since.")
        case e.Proposed() as event if event.proposal not in room.proposals:
            return _line(room, "What somebody would allow here changed since; the card says how.")
        case _ if name and not roles_of(room, name):
            return _line(room, "You are not needed here any more.")
        case e.Escalated(rung=Rung.LAST_CALL) as event if _ahead(event, room, policy):
            said = "There is more time than at the last call."
            return _line(room, f"{said} {cards.clock(room, policy)}")
    return None


def _question(event: e.InfoRequested, room: WarRoom) -> str | None:
    """What became of a question; None as long as it waits for an answer."""
    if room.question != event.question:
        return "Another question was asked since; it stands on the card."
    return None if room.answer is None else "Answered: the answer stands on the card."


def _question_asked(event: e.InfoRequested) -> Rendered:
    head = f"The {event.role} asked:"
    return Rendered(head, quoted(head, event.question))


def _ahead(event: e.Escalated, room: WarRoom, policy: Policy) -> bool:
    """Whether an extension has put this step of the ladder ahead once more."""
    return any(rung is event.rung and at > event.due_at for at, rung in steps(room, policy))


def _settled(recorded: Recorded[e.Event], room: WarRoom) -> Rendered:
    event = recorded.event
    asked = _question_asked(event).blocks if isinstance(event, e.InfoRequested) else []
    over = "Nobody needs to answer any more." if asked else "Nothing is left to do here."
    result = decision.in_a_line(room.decision, room.exception_ended_at) if room.decision else ""
    text = clip(f"{headline(room, _TITLE)}: {result}", FALLBACK_TEXT)
    return Rendered(text, [*asked, section(f"{named(room)}\n{result}"), context(over)])


def _exception_over(room: WarRoom) -> Rendered:
    ended = f" on {date(room.exception_ended_at)}" if room.exception_ended_at else ""
    return _line(room, f"This exception has ended{ended}: the change is *blocked* again.")


def _line(room: WarRoom, said: str) -> Rendered:
    text = clip(f"{said} {headline(room, _TITLE)}", FALLBACK_TEXT)
    return Rendered(text, [section(f"{said}\n{named(room)}"), news.where(room)])
