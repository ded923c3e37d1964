"""What an initiator replied in a thread, offered to them as their answer.

Rules
- Nobody else sees the offer: what is not used is no part of the decision.
- The button's value is the room's id and the number of the event that holds the reply.
"""

import re

from bot.domain.events import Replied
from bot.domain.war_room import WarRoom
from bot.integrations.slack.show.blocks import actions, context, quoted, words
from bot.integrations.slack.show.text import Rendered

USE_ANSWER = "use_answer"
LABEL = "Use as the answer"
_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)
_SHOWN = 600


def offer(room: WarRoom, event: Replied, seq: int) -> Rendered:
    """The question whether what was replied is the answer."""
    asked = room.question is not None and room.answer is None
    what = "your answer to the question" if asked else "your explanation"
    head = f"Is this {what}? Only you see this."
    button = {
        "type": "button",
        "action_id": USE_ANSWER,
        "text": words(LABEL),
        "value": f"{room.id}:{seq}",
    }
    hint = context("It then stands on the card and on the pages. If it is none, do nothing.")
    return Rendered(head, [*quoted(head, event.text, _SHOWN), *actions([button]), hint])


def place_of(value: str) -> tuple[str, int]:
    """The room's id in a button's value, and the number of the event; 0 for none."""
    room_id, _, seq = value.partition(":")
    return room_id, int(seq) if _NUMBER.fullmatch(seq) else 0
