"""The buttons: one table of what can be asked of a room, and who sees which of it.

Rules
- A button's value is the room's id, its action id the same everywhere.
- A button is shown to whoever the table of rights in `bot.domain.access` lets use it; it is
  checked again when it is used.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.domain import access, storm
from bot.domain import commands as c
from bot.domain.policy import Role
from bot.domain.war_room import State, WarRoom
from bot.integrations.slack.show.blocks import actions, words
from bot.integrations.slack.show.text import Block


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing to ask of a room; with `confirm` Slack asks back before it is done."""

    action_id: str
    label: str
    command: type[c.Command]
    style: str | None = None
    confirm: tuple[str, str] | None = None


VERBS = (
    Verb("ack", "Acknowledge", c.Acknowledge),
    Verb(
        "approve",
        "Approve",
        c.Approve,
        style="primary",
        confirm=(
            "Approve this change?",
            "It is within policy: the pipeline may go on. There is no second decision.",
        ),
    ),
    Verb("override", "Override…", c.Override),
    Verb("reject", "Reject…", c.Reject, style="danger"),
    Verb("dismiss", "Not a violation…", c.Dismiss),
    Verb(
        "withdraw",
        "Withdraw",
        c.Withdraw,
        confirm=(
            "Withdraw this change?",
            "Every change in this room stays blocked. There is no second decision.",
        ),
    ),
    Verb("request_info", "Ask for information…", c.RequestInfo),
    Verb("explain", "Explain…", c.Explain),
    Verb("extend", "Extend…", c.Extend),
    Verb("handoff", "Hand off…", c.HandOff),
    Verb("set_apart", "Settle one apart…", c.Split),
)
BY_ACTION = {verb.action_id: verb for verb in VERBS}
_SHOWN = "decide:"
_DECIDING = ("ack", "approve", "override", "reject", "dismiss")


def for_all(room: WarRoom) -> list[Block]:
    """The card's buttons: everybody sees them all, so who may not is told when they try."""
    hidden = [
        *([] if asked(room) else ["explain"]),
        *([] if separable(room) else ["set_apart"]),
    ]
    return _rows(room, [verb for verb in VERBS if verb.action_id not in hidden])


def for_person(room: WarRoom, user: str) -> list[Block]:
    """The buttons that `user` may use in an open room."""
    return _rows(room, [verb for verb in VERBS if usable(room, user, verb)])


def usable(room: WarRoom, user: str, verb: Verb) -> bool:
    """Whether `verb` is of any use to `user` in `room` as it stands."""
    if not access.acting_role(room, user, verb.command):
        return False
    useful = _USEFUL.get(verb.action_id)
    return useful is None or useful(room, user)


def duties(room: WarRoom, user: str) -> tuple[Role, ...]:
    """The roles in which `user` is on duty, and which they may hand off."""
    return tuple(seat.role for seat in room.seats if seat.on_duty == user)


def separable(room: WarRoom) -> bool:
    """Whether something may be settled apart from the rest."""
    return room.is_storm and not storm.is_one_key(room)


def asked(room: WarRoom) -> bool:
    """Whether a question waits for its answer."""
    return room.question is not None and room.answer is None


_USEFUL: Mapping[str, Callable[[WarRoom, str], bool]] = {
    "ack": lambda room, user: user not in room.acknowledged,
    "withdraw": lambda room, user: not room.is_storm or storm.all_by(room, user),
    "explain": lambda room, user: user in room.initiators or asked(room),
    "extend": lambda room, _: room.extended_by < room.window,
    "handoff": lambda room, user: bool(duties(room, user)),
    "set_apart": lambda room, _: separable(room),
}


def _rows(room: WarRoom, verbs: list[Verb]) -> list[Block]:
    if room.state is not State.OPEN:
        return []
    first = [_button(verb, room) for verb in verbs if verb.action_id in _DECIDING]
    second = [_button(verb, room) for verb in verbs if verb.action_id not in _DECIDING]
    return actions(first, shown(room)) + actions(second)


def shown(room: WarRoom) -> str | None:
    """How many violations of a storm a message shows, as the id of its block of decisions."""
    return f"{_SHOWN}{room.id}:{len(room.violations)}" if room.is_storm else None


def seen(block_id: str) -> int:
    """How many violations were shown, by the id of the block that was clicked; 0: not known."""
    number = block_id.rpartition(":")[2] if block_id.startswith(_SHOWN) else ""
    return int(number[:9]) if number.isascii() and number.isdecimal() else 0


def _of_all(verb: Verb, room: WarRoom) -> tuple[str, str] | None:
    count = len(room.violations)
    if count == 1 or verb.action_id != "approve":
        return None
    return (
        f"Approve all {count} changes?",
        "All of them are within policy: their pipelines may go on. There is no second decision.",
    )


def _button(verb: Verb, room: WarRoom) -> Block:
    button: Block = {
        "type": "button",
        "action_id": verb.action_id,
        "text": words(verb.label),
        "value": room.id,
    }
    if verb.style:
        button["style"] = verb.style
    if verb.confirm:
        title, text = _of_all(verb, room) or verb.confirm
        button["confirm"] = {
            "title": words(title),
            "text": words(text),
            "confirm": words(verb.label),
            "deny": words("Not yet"),
        }
    return button
