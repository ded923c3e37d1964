"""What was asked and explained in a room: the newest in full, what it replaced in a line.

Rules
- It stays to be read once the room is decided, and once something else was asked or told.
"""

from collections.abc import Iterator

from bot.domain.explanations import Explanation
from bot.domain.war_room import WarRoom
from bot.integrations.slack.show.blocks import Detail, context, quoted, sections
from bot.integrations.slack.show.participants import called
from bot.integrations.slack.show.text import Block, outside
from bot.integrations.slack.verbs.explain import EXPLAIN
from bot.integrations.slack.verbs.identify import IDENTIFY


def blocks(room: WarRoom, detail: Detail) -> list[Block]:
    """The question with its answer, what was told unasked, and what stood there before."""
    shown: list[Block] = []
    if room.question is not None:
        shown += quoted(
            f"*Question to the initiator*{_by(room, room.asked_by)}", room.question, detail.quote
        )
        if room.answer is None:
            answers = f"Not answered yet: *{EXPLAIN.label}* answers it. The clock goes on."
            waits = nobody_to_ask(room) or answers
            shown.append(context("Nobody answered it." if room.decision else waits))
        else:
            shown += quoted(f"*Answer*{_by(room, room.answered_by)}", room.answer, detail.quote)
    if room.explanation is not None:
        label = f"*Explanation*{_by(room, room.explained_by)}"
        shown += quoted(label, room.explanation, detail.quote)
    return [*shown, *sections(_earlier(room, detail))]


def nobody_to_ask(room: WarRoom) -> str:
    """Why a question reaches nobody, and what mends that; nothing where it reaches an initiator."""
    if any(name not in room.unreachable for name in room.initiators):
        return ""
    if room.initiators:
        return "Nobody can be asked: Slack delivers nothing to whoever made this change."
    unknown = "Nobody can be asked yet, since it isn't known who made this change."
    if not IDENTIFY.on_card(room):
        return unknown
    return f"{unknown} Say it by *{IDENTIFY.label}*: whoever it is hears the question then."


def _earlier(room: WarRoom, detail: Detail) -> Iterator[str]:
    earlier = room.earlier
    if not earlier.count:
        return
    yield "*Answered and explained before*"
    for explanation in reversed(earlier.newest):
        yield f"• {_line(room, explanation, detail.line)}"
    if more := earlier.count - len(earlier.newest):
        yield f"… and {more} more, in the channel's news."


def _line(room: WarRoom, explanation: Explanation, most: int) -> str:
    asked = f"{outside(explanation.question, most)} → " if explanation.question is not None else ""
    said = [called(room, explanation.by)] if explanation.by else []
    if explanation.room:
        said.append(f"on an earlier commit, in war room `{explanation.room}`")
    by = f" ({', '.join(said)})" if said else ""
    return f"{asked}{outside(explanation.text, most)}{by}"


def _by(room: WarRoom, name: str | None) -> str:
    return f" by {called(room, name)}" if name else ""
