"""Submitted modals: from Slack's state of a view to a command, or to an error for each block.

Rules
- Whatever kind of input a value comes from, it is read; what is missing is an error of its block.
- A duration may be any text that names one, or a day.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.domain import commands as c
from bot.domain import duration
from bot.domain.war_room import Category
from bot.integrations.slack.show.modals import heir
from bot.integrations.slack.show.text import View

Given = Mapping[str, str]

_VALUES = ("value", "selected_date", "selected_user", "selected_conversation")


class InvalidInputError(Exception):
    """Something is missing or unreadable; `errors` says so by block."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(", ".join(errors))
        self.errors = errors


def given(view: View) -> dict[str, str]:
    """What was entered, by block; empty inputs are left out."""
    state = view.get("state") or {}
    found = {
        str(block): _entered(entry)
        for block, inputs in (state.get("values") or {}).items()
        for entry in (inputs or {}).values()
    }
    return {block: text for block, text in found.items() if text}


def command(view: View, now: datetime) -> c.Command:
    """The command that a submitted modal means. InvalidInputError, KeyError for another modal."""
    return FORMS[view["callback_id"]](given(view), now)


def _entered(entry: Mapping[str, Any] | None) -> str:
    if not isinstance(entry, Mapping):
        return ""
    option = entry.get("selected_option")
    chosen = option.get("value") if isinstance(option, Mapping) else None
    values = (chosen, *(entry.get(name) for name in _VALUES))
    return next((value.strip() for value in values if isinstance(value, str) and value), "")


def _override(given: Given, now: datetime) -> c.Command:
    errors: dict[str, str] = {}
    category = given.get("category", "")
    if category not in set(Category):
        errors["category"] = f"Choose {' or '.join(Category)}."
    try:
        validity = _span(given.get("validity", ""), now)
    except ValueError:
        errors["validity"] = f"Choose how long it holds: {duration.NEEDED}."
    if errors:
        raise InvalidInputError(errors)
    return c.Override(
        justification=given.get("justification", ""), category=Category(category), validity=validity
    )


def _extend(given: Given, now: datetime) -> c.Command:
    try:
        by = _span(given.get("by", ""), now)
    except ValueError as error:
        raise InvalidInputError({"by": f"Choose by how much: {duration.NEEDED}."}) from error
    return c.Extend(by=by, reason=given.get("reason", ""))


def _handoff(given: Given, now: datetime) -> c.Command:
    del now
    found = heir(given.get("to", ""))
    if found is None:
        raise InvalidInputError({"to": "Choose who takes over."})
    role, to = found
    return c.HandOff(role=role, to=to)


def _span(text: str, now: datetime) -> timedelta:
    try:
        return duration.parse(text)
    except ValueError:
        until = date.fromisoformat(text)
    return datetime(until.year, until.month, until.day, tzinfo=UTC) - now


FORMS: Mapping[str, Callable[[Given, datetime], c.Command]] = {
    "override_modal": _override,
    "reject_modal": lambda given, _: c.Reject(reason=given.get("reason", "")),
    "dismiss_modal": lambda given, _: c.Dismiss(reason=given.get("reason", "")),
    "request_info_modal": lambda given, _: c.RequestInfo(question=given.get("question", "")),
    "explain_modal": lambda given, _: c.Explain(text=given.get("text", "")),
    "extend_modal": _extend,
    "handoff_modal": _handoff,
    "set_apart_modal": lambda given, _: c.Split(violation_id=given.get("violation", "")),
}
