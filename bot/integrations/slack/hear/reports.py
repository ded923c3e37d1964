"""A violation that a person reports by hand: the modal's answer becomes a report.

Rules
- The modal's id is the delivery id: sent in twice, it is one violation.
- Who reported it is recorded; who made the change is whom they named, and decides nothing.
"""

import re
from typing import Any

import structlog
from pydantic import ValidationError
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.response import BoltResponse

from bot.domain.answers import Answered
from bot.domain.violation import Initiator, Report
from bot.engine.engine import Engine
from bot.engine.ids import new_id
from bot.engine.intake import Receipt
from bot.integrations.request_error import detail
from bot.integrations.slack.hear.answers import AWAY, instead, wrong
from bot.integrations.slack.show import links
from bot.integrations.slack.show.inputs import notice
from bot.integrations.slack.show.participants import called
from bot.integrations.slack.show.text import View, outside
from bot.integrations.slack.verbs.entries import Entries, entries_of
from bot.storage.store import DatabaseUnavailableError

log = structlog.get_logger()

SOURCE = "slack"
NAME_MOST, REASON_MOST = 60, 300
_ADDRESS = re.compile(r"https?://[^\s<>|]+")


class Reporting:
    """Listens to the modal of `/warroom open`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def submitted(self, ack: AsyncAck, body: dict[str, Any]) -> BoltResponse:
        """A report was sent in."""
        view, user = body["view"], body["user"]["id"]
        entries = entries_of(view)
        errors = self._errors(entries)
        if errors:
            return await wrong(ack, view, errors)
        name = self._engine.people.in_slack(user).name
        try:
            delivery = str(view.get("id") or new_id(16))
            receipt = await self._engine.report(
                _report(entries, user), SOURCE, delivery, signed_by=SOURCE
            )
        except ValidationError as error:
            for problem in error.errors():
                # A path ends with the block's name, but for a subject's name.
                path = [str(part) for part in problem["loc"]]
                block = "subject" if path[-1:] == ["name"] else path[-1] if path else ""
                errors[block] = detail(problem).message
            return await wrong(ack, view, errors)
        except DatabaseUnavailableError as error:
            log.warning("report.database_away", user=name, error=str(error))
            return await wrong(ack, view, {"": AWAY})
        log.info("report.received", violation=receipt.violation_id, user=name)
        return await instead(ack, _received(receipt))

    def _errors(self, entries: Entries) -> dict[str, str]:
        errors: dict[str, str] = {}
        if entries.get("policy") not in self._engine.config.policies:
            errors["policy"] = "Choose a policy; this one isn't loaded."
        if "title" not in entries:
            errors["title"] = "Say in a line what happened."
        if "initiator" not in entries:
            errors["initiator"] = "Choose who made the change."
        if "url" in entries and not _ADDRESS.fullmatch(entries["url"]):
            errors["url"] = "A link starts with https:// and has no spaces in it."
        return errors


def _report(entries: Entries, reporter: str) -> Report:
    facts = {"description": entries.get("description"), "reported by": reporter}
    return Report.model_validate(
        {
            "policy": entries["policy"],
            "title": entries["title"],
            "severity": entries.get("severity"),
            "initiator": Initiator(slack=entries["initiator"]),
            "subject": {"name": entries.get("subject"), "url": entries.get("url")},
            "origin": {"system": SOURCE},
            "facts": {name: fact for name, fact in facts.items() if fact},
        }
    )


def _received(receipt: Receipt) -> View:
    lines = [_told(answer) for answer in receipt.answers]
    lines.append(f"A pipeline asks for the verdict at `/gate/{receipt.violation_id}`.")
    return notice("Reported", "\n".join(lines))


def _told(answer: Answered) -> str:
    room, cleared = answer.room, answer.clearance
    policy = outside(answer.policy_id, NAME_MOST)
    if cleared:
        return f"*{policy} allows it:* {outside(cleared.reason, REASON_MOST)}"
    if room is None:
        return f"*{policy}:* a newer version of the bot has answered."
    people = ", ".join(called(room, name) for name in room.on_duty) or "nobody yet"
    where = links.channel(room) or f"its channel opens now, and you find it by `{room.id}`"
    joined = room.count > 1
    return (
        f"*War room `{room.id}` {'has it too' if joined else 'is open'}:* {where}.\n"
        f"Called: {people}."
    )
