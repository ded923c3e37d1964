"""What is told of the exception that a room's decision made: that it ends, has ended or goes on.

Rules
- To somebody it is told with the reason: why it was excepted, or what was said of it last.
- What ends before long can be renewed or revoked there, as long as it isn't over.
- In the channel it is told what that means for the next run.
"""

from bot.domain import events as e
from bot.domain.war_room import Verdict, WarRoom
from bot.integrations.slack.show import decision, exceptions
from bot.integrations.slack.show.blocks import actions, context, quoted, section
from bot.integrations.slack.show.participants import called
from bot.integrations.slack.show.text import FALLBACK_TEXT, Block, Rendered, clip, date
from bot.integrations.slack.show.violation import headline

_TITLE = 300
_WHY = "*Why it was excepted*"


def to_somebody(
    event: e.ExceptionEnding | e.ExceptionEnded | e.ExceptionRenewed, room: WarRoom
) -> Rendered:
    """What owner and adjudicator are told."""
    label, reason = _WHY, room.decision.reason if room.decision else ""
    offered: list[Block] = []
    match event:
        case e.ExceptionEnding():
            head = f"An exception ends {date(event.ends_at)}: {headline(room, _TITLE)}."
            offered = actions([exceptions.button(each, room.id) for each in exceptions.ACTIONS])
            then = "The change is *blocked* from then on."
        case e.ExceptionEnded():
            head, then = _ended(event, room), decision.NEXT_RUN
            if event.revoked_by:
                label, reason = "*Why it was revoked*", event.reason
        case e.ExceptionRenewed():
            head, then = _renewed(event, room), "The change is *blocked* from then on."
            label, reason = "*Why it goes on*", event.reason
    why = quoted(label, reason) if reason.strip() else []
    return Rendered(clip(head, FALLBACK_TEXT), [section(f"{head}\n{then}"), *why, *offered])


def in_the_channel(event: e.ExceptionEnded | e.ExceptionRenewed, room: WarRoom) -> Rendered:
    """The news; whoever has ended or renewed it says why."""
    why = quoted("*Why*", event.reason) if event.reason.strip() else []
    if isinstance(event, e.ExceptionRenewed):
        head, then = _renewed(event, room), []
    else:
        head, then = _ended(event, room), [context(decision.NEXT_RUN)]
    return Rendered(clip(head, FALLBACK_TEXT), [section(head), *why, *then])


def _ended(event: e.ExceptionEnded, room: WarRoom) -> str:
    over, blocked = decision.over_since(room, event.ended_at), "and the change is blocked again"
    return f"{decision.MARKS[Verdict.BLOCK]} {over}, {blocked}: {headline(room, _TITLE)}."


def _renewed(event: e.ExceptionRenewed, room: WarRoom) -> str:
    who, until = called(room, event.by), date(event.until)
    return f"{who} renewed the exception, until {until}: {headline(room, _TITLE)}."
