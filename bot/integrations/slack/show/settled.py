"""A message that asked for something, as it is to read once that has changed.

Rules
- It is made anew from its event and from the room as it is now. As long as it asks for something
  that is still wanted, it reads as it did, with what is true now.
- What it asked for stays readable; what became of it stands under it, or in its place.
"""

from bot.domain import events as e
from bot.domain import standing
from bot.domain.access import roles_of
from bot.domain.aggregate import Recorded
from bot.domain.ladder import steps
from bot.domain.policy import Policy, Rung
from bot.domain.war_room import WarRoom
from bot.integrations.slack.show import cards, decision, news, success
from bot.integrations.slack.show.blocks import context, quoted, section
from bot.integrations.slack.show.participants import called
from bot.integrations.slack.show.text import FALLBACK_TEXT, Rendered, clip, date
from bot.integrations.slack.show.violation import headline, named

_TITLE = 300


def now(recorded: Recorded[e.Event], room: WarRoom, policy: Policy, name: str | None) -> Rendered:
    """The message about an event as it is true now; to somebody by `name`, or in the channel."""
    event = recorded.event
    if standing.is_over(recorded, room, name):
        return _over(recorded, room)
    if room.decision is None and name and not roles_of(room, name):
        return _line(room, "You are not needed here any more.")
    if isinstance(event, e.Escalated) and _ahead(event, room, policy):
        said = "There is more time than at the last call."
        return _line(room, f"{said} {cards.clock(room, policy)}")
    if name is None:
        return news.announcement(recorded, room, policy)
    return news.told(recorded, room, policy, name)


def comes_too_late(
    recorded: Recorded[e.Event], room: WarRoom, policy: Policy, name: str | None
) -> bool:
    """Whether a message about an event is not to be sent any more.

    To somebody: what it asks for is over. In the channel what became of it is told then, unless the
    result tells that: a question stays a part of what happened.
    """
    event, over = recorded.event, standing.is_over(recorded, room, name)
    if name is None:
        over = over and room.decision is not None and not isinstance(event, e.InfoRequested)
    return over or (isinstance(event, e.Escalated) and _ahead(event, room, policy))


def _over(recorded: Recorded[e.Event], room: WarRoom) -> Rendered:
    """What stands in the place of a message once what it asked for is over."""
    match event := recorded.event:
        case e.ExceptionEnding():
            return _exception_over(room)
        case _ if room.decision:
            return _settled(event, room)
        case e.InfoRequested():
            asked = _question_asked(event)
            return Rendered(
                asked.text, [*asked.blocks, context(_question_over(recorded.seq, room))]
            )
        case e.HandedOff() | e.Assigned():
            on_duty = room.assignment(event.role).on_duty
            who = called(room, on_duty) if on_duty else "nobody"
            return _line(room, f"You were {event.role} on duty here; now that is {who}.")
        case e.CheckSucceeded():
            undone = "The check that had succeeded here has failed again since."
            others = f"Others have joined since: *{success.OFFER}* is offered no more."
            return _line(room, others if event.success in room.successes else undone)
        case _:
            said = "What somebody would allow here doesn't count any more; the card says why."
            return _line(room, said)


def _question_over(seq: int, room: WarRoom) -> str:
    if room.question_seq != seq:
        return "Another question was asked since; it stands on the card."
    return "Answered: the answer stands on the card."


def _question_asked(event: e.InfoRequested) -> Rendered:
    head = f"The {event.role} asked:"
    return Rendered(head, quoted(head, event.question))


def _ahead(event: e.Escalated, room: WarRoom, policy: Policy) -> bool:
    """Whether an extension has put this last call ahead once more."""
    last = event.rung is Rung.LAST_CALL
    return last and any(
        rung is event.rung and at > event.due_at for at, rung in steps(room, policy)
    )


def _settled(event: e.Event, room: WarRoom) -> Rendered:
    asked = _question_asked(event).blocks if isinstance(event, e.InfoRequested) else []
    over = "Nobody needs to answer any more." if asked else "Nothing is left to do here."
    result = decision.in_a_line(room.decision, room) if room.decision else ""
    text = clip(f"{headline(room, _TITLE)}: {result}", FALLBACK_TEXT)
    return Rendered(text, [*asked, section(f"{named(room)}\n{result}"), context(over)])


def _exception_over(room: WarRoom) -> Rendered:
    ended, until = room.exception_ended_at, room.decision and room.decision.valid_until
    if ended or not until:
        over = f"This exception has ended{f' {date(ended)}' if ended else ''}"
        if room.revoked_by and ended:
            over = decision.over_since(room, ended)
        return _line(room, f"{over}: the change is *blocked* again.")
    return _line(room, f"This exception was renewed since: it holds until {date(until)}.")


def _line(room: WarRoom, said: str) -> Rendered:
    text = clip(f"{said} {headline(room, _TITLE)}", FALLBACK_TEXT)
    return Rendered(text, [section(f"{said}\n{named(room)}"), news.where(room)])
