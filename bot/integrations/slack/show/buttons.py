"""What a message offers to do in a room: its buttons and its menu, to all or to one person.

Rules
- A button's value is the room's id, its action id the verb's. The menu holds the other verbs and
  the details; its values are `VERB:ROOM`.
- What is chosen is checked again when it is used: an offer may outlive what it was shown for.
"""

from bot.domain.war_room import State, WarRoom
from bot.integrations.slack.show.blocks import actions, option, words
from bot.integrations.slack.show.text import Block
from bot.integrations.slack.verbs.verb import Verb, Verbs

MORE, DETAILS = "more", "details"
DETAILS_LABEL = "Details…"
_SHOWN = "decide:"


def for_all(room: WarRoom, verbs: Verbs) -> list[Block]:
    """The card's: everybody sees them all, so who may not is told when they try."""
    return _offered(room, [verb for verb in verbs if verb.on_card(room)])


def for_person(room: WarRoom, name: str, verbs: Verbs) -> list[Block]:
    """What somebody may do in an open room."""
    return _offered(room, [verb for verb in verbs if verb.usable_by(room, name)])


def only(room: WarRoom, verb: Verb) -> list[Block]:
    """One verb's button, in an open room."""
    return actions([_button(verb, room)], _shown(room)) if room.state is State.OPEN else []


def details(room: WarRoom) -> list[Block]:
    """The button that shows all there is, in a room that offers nothing else."""
    button = {"type": "button", "action_id": DETAILS, "text": words(DETAILS_LABEL)}
    return actions([button | {"value": room.id}])


def shown_count_of(block_id: str) -> int:
    """How many violations were shown, by the id of the block that was clicked; 0: not known."""
    number = block_id.rpartition(":")[2] if block_id.startswith(_SHOWN) else ""
    return int(number[:9]) if number.isascii() and number.isdecimal() else 0


def chosen(value: str) -> tuple[str, str]:
    """The action id and the room's id in a value of the menu."""
    action_id, _, room_id = value.partition(":")
    return action_id, room_id


def _offered(room: WarRoom, verbs: list[Verb]) -> list[Block]:
    if room.state is not State.OPEN:
        return []
    buttons = [_button(verb, room) for verb in verbs if verb.has_button]
    choices = [(verb.called_in(room), verb.action_id) for verb in verbs if not verb.has_button]
    menu = {
        "type": "static_select",
        "action_id": MORE,
        "placeholder": words("More…" if buttons else "What you can do…"),
        "options": [
            option(label, f"{action_id}:{room.id}")
            for label, action_id in (*choices, (DETAILS_LABEL, DETAILS))
        ],
    }
    return actions([*buttons, menu], _shown(room))


def _shown(room: WarRoom) -> str:
    # More may join while it is decided: the id of the block says how many were shown. It is another
    # one after each event, since Slack keeps showing what was chosen in a menu of the same id.
    return f"{_SHOWN}{room.id}:{room.version}:{room.count}"


def _button(verb: Verb, room: WarRoom) -> Block:
    button: Block = {
        "type": "button",
        "action_id": verb.action_id,
        "text": words(verb.called_in(room)),
        "value": room.id,
    }
    return button | ({"style": verb.style} if verb.style else {})
