"""A modal and its inputs; a block's id is always its input's action id."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from bot.domain.ask import TEXT_MOST
from bot.domain.duration import text
from bot.integrations.slack.show.blocks import option, section, words
from bot.integrations.slack.show.text import Block, View, long, shortened

MODAL_TITLE = 24
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_VALIDITIES = (_HOUR, 4 * _HOUR, *(n * _DAY for n in (1, 2, 3, 7, 14, 30, 60, 90, 180, 365)))


def modal(name: str, heading: str, submit: str, metadata: str, blocks: list[Block]) -> View:
    """A modal that asks for something; `submit` stands on its button."""
    return {
        "type": "modal",
        "callback_id": name,
        "private_metadata": metadata,
        "title": words(heading),
        "submit": words(submit),
        "close": words("Cancel"),
        "blocks": blocks,
    }


def notice(heading: str, text: str) -> View:
    """A modal that only says something."""
    return reading("notice", heading, [section(text)])


def reading(name: str, heading: str, blocks: list[Block]) -> View:
    """A modal to read, that asks for nothing."""
    return {
        "type": "modal",
        "callback_id": name,
        "title": words(shortened(heading, MODAL_TITLE)),
        "close": words("Close"),
        "blocks": blocks,
    }


def field(name: str, label: str, element: Block, hint: str | None = None) -> Block:
    """An input block."""
    block: Block = {
        "type": "input",
        "block_id": name,
        "label": words(label),
        "element": {**element, "action_id": name},
    }
    return block | {"hint": words(hint)} if hint else block


def long_text(name: str, label: str, hint: str, least: int = 1) -> Block:
    """A text of several lines, at least `least` characters."""
    element: Block = {"type": "plain_text_input", "multiline": True, "max_length": TEXT_MOST}
    return field(name, label, element | {"min_length": max(least, 1)}, hint)


def reason(hint: str, least: int = 1) -> Block:
    """Why, in at least `least` letters and digits; it may stay empty where that is 0."""
    if least > 1:
        hint = f"{hint} At least {least} letters and digits."
    block = long_text("reason", "Reason", hint, least)
    return block if least else optional(block)


def line(name: str, label: str, example: str, most: int) -> Block:
    """A text of one line."""
    element = {"type": "plain_text_input", "max_length": most, "placeholder": words(example)}
    return field(name, label, element)


def select(name: str, label: str, options: list[Block], initial: str | None = None) -> Block:
    """One of `options`; the one with the value `initial` is chosen at first."""
    element: Block = {"type": "static_select", "options": options}
    chosen = next((option for option in options if initial and option["value"] == initial), None)
    return field(name, label, element | {"initial_option": chosen} if chosen else element)


def optional(block: Block) -> Block:
    """The input `block` as one that may stay empty."""
    return block | {"optional": True}


def holding(block: Block, entered: Mapping[str, str]) -> Block:
    """A block as it is, or an input that holds at first what was entered in it before."""
    value = entered.get(block.get("block_id", ""))
    element = block.get("element")
    if not value or not element:
        return block
    if element["type"] == "datepicker":
        return block | {"element": element | {"initial_date": value}}
    if "options" not in element:
        return block | {"element": element | {"initial_value": value}}
    chosen = [option for option in element["options"] if option["value"] == value]
    return block | {"element": element | {"initial_option": chosen[0]}} if chosen else block


def validity(label: str, most: timedelta, longer_than: timedelta = timedelta(0)) -> Block:
    """For how long an exception holds, at most `most`; of the usual ones those longer than that.

    Where there is no choice, that is chosen.
    """
    spans = [time for time in offered(_VALIDITIES, most) if time > longer_than or time == most]
    options = [
        option(f"{long(time)}, the longest possible" if time == most else long(time), text(time))
        for time in spans
    ]
    return select("validity", label, options, options[0]["value"] if len(options) == 1 else None)


def review() -> Block:
    """The day on which somebody looks again at what holds until a later one; it may stay empty."""
    hint = "Before it ends: is it still needed, is what was promised done?"
    return optional(field("review", "When is it looked at again?", {"type": "datepicker"}, hint))


def offered(usual: Iterable[timedelta], most: timedelta) -> list[timedelta]:
    """The usual durations below `most`, and `most` itself; none where nothing is possible."""
    return [*(time for time in usual if time < most), most] if most > timedelta(0) else []
