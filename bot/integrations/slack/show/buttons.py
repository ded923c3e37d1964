"""The buttons of a room: which verbs a message offers, to all or to one person.

Rules
- A button's value is the room's id, its action id the verb's.
- What a button leads to is checked again when it is used: one may outlive what it was shown for.
"""

from bot.domain.war_room import State, WarRoom
from bot.integrations.slack.show.blocks import actions, words
from bot.integrations.slack.show.text import Block
from bot.integrations.slack.verbs.verb import ButtonRow, Verb, Verbs

_SHOWN = "decide:"


def for_all(room: WarRoom, verbs: Verbs) -> list[Block]:
    """The card's buttons: everybody sees them all, so who may not is told when they try."""
    return _rows(room, [verb for verb in verbs if verb.on_card(room)])


def for_person(room: WarRoom, name: str, verbs: Verbs) -> list[Block]:
    """The buttons that somebody may use in an open room."""
    return _rows(room, [verb for verb in verbs if verb.usable_by(room, name)])


def only(room: WarRoom, verb: Verb) -> list[Block]:
    """One verb's button, in an open room."""
    return _rows(room, [verb])


def shown_count_of(block_id: str) -> int:
    """How many violations were shown, by the id of the block that was clicked; 0: not known."""
    number = block_id.rpartition(":")[2] if block_id.startswith(_SHOWN) else ""
    return int(number[:9]) if number.isascii() and number.isdecimal() else 0


def _rows(room: WarRoom, verbs: list[Verb]) -> list[Block]:
    if room.state is not State.OPEN:
        return []
    decisions, rest = (
        [_button(verb, room) for verb in verbs if verb.row is row]
        for row in (ButtonRow.DECISIONS, ButtonRow.REST)
    )
    # More may join while it is decided: the id of the block says how many were shown.
    return actions(decisions, f"{_SHOWN}{room.id}:{room.count}") + actions(rest)


def _button(verb: Verb, room: WarRoom) -> Block:
    label = verb.called_in(room)
    button: Block = {
        "type": "button",
        "action_id": verb.action_id,
        "text": words(label),
        "value": room.id,
    }
    if verb.style:
        button["style"] = verb.style
    if verb.confirmation:
        confirmation = verb.confirmation(room)
        button["confirm"] = {
            "title": words(confirmation.title),
            "text": words(confirmation.text),
            "confirm": words(label),
            "deny": words("Not yet"),
        }
    return button
