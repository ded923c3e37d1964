"""The wire log, as the page shows it: a line a call, and more for whoever opens it."""

import json
from dataclasses import dataclass
from datetime import datetime

from bot.local_slack.page.page_reader import Reader
from bot.local_wire.call_log import CallLog, WireCall

MOST = 200
"""How many calls a page shows at first."""


@dataclass(frozen=True, slots=True)
class CallShown:
    """One call: its line, and its body as JSON, written out only when somebody opens it."""

    call: WireCall
    ok: bool
    outcome: str
    milliseconds: int
    time: str

    @property
    def arguments(self) -> str:
        """What was sent."""
        return json.dumps(self.call.arguments, indent=2, ensure_ascii=False)

    @property
    def answer(self) -> str:
        """What came back."""
        return json.dumps(self.call.answer, indent=2, ensure_ascii=False)


def newest(log: CallLog, reader: Reader) -> list[CallShown]:
    """The newest calls, the newest first."""
    return [_shown(log, call, reader) for call in reversed(log.since()[-MOST:])]


def numbered(log: CallLog, number: int, reader: Reader) -> CallShown | None:
    """The call with this number; None when it is not kept any more."""
    found = next((c for c in log.since(number - 1) if c.id == number), None)
    return _shown(log, found, reader) if found else None


def _shown(log: CallLog, call: WireCall, reader: Reader) -> CallShown:
    error = log.error_of(call.status, call.answer)
    return CallShown(
        call=call,
        ok=error is None,
        outcome=error or "ok",
        milliseconds=round(call.seconds * 1000),
        time=f"{datetime.fromtimestamp(call.started, reader.tz):%H:%M:%S}",
    )
