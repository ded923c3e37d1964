"""A reader, for the tests of what is shown to one."""

from typing import Any
from zoneinfo import ZoneInfo

from bot.local_slack.page.page_reader import Reader
from bot.local_slack.page.text import rich_text
from tests.build import ADA, VAL

NOW = 1_795_179_600  # 20 November 2026, 13:00 UTC, a Friday
DAY = 86_400
AWAY = 'target="_blank" rel="noopener noreferrer"'
READER = Reader(
    user=ADA,
    tz=ZoneInfo("Europe/Berlin"),
    now=NOW,
    people={ADA: "Ada", VAL: "Val <b>"},
    channels={"C0GENERAL": "general"},
    usergroups={"S0SEC": "security"},
)


def section(*elements: object) -> dict[str, Any]:
    return {"type": "rich_text_section", "elements": list(elements)}


def rich(*parts: object) -> str:
    return rich_text({"type": "rich_text", "elements": list(parts)}, READER)
