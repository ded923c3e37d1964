"""What the gate answers, in words and as an exit code.

Rules
- Only `allow` is 0. `block` is 1, what is not decided yet is 4, and neither may go on.
- Whatever comes from outside is told in one line, so that it can't pass for a line of ours.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.domain.clean_text import line
from bot.domain.countdown import countdown

ALLOW, BLOCK, NOT_KNOWN, PENDING = 0, 1, 3, 4
CODES = {"allow": ALLOW, "pending": PENDING}
GRAVITY = {ALLOW: 0, PENDING: 1, BLOCK: 2}
# Who is nobody, as the gate calls them.
_OURS = {
    "system:timeout": "the clock",
    "system:new_commit": "a newer commit",
}

Answer = Mapping[str, Any]


def code(answer: Answer) -> int:
    """The exit code; a word that only a newer bot says blocks."""
    return CODES.get(answer["verdict"], BLOCK)


def moment(stamp: str) -> str:
    """A time of the bot's, to the second."""
    return f"{datetime.fromisoformat(stamp):%Y-%m-%d %H:%M:%S} UTC"


def sentence(answer: Answer, about: str = "") -> str:
    """The answer in one line, led by what it is `about`."""
    lead = f"{about}: " if about else ""
    if answer["verdict"] == "pending":
        until = answer["expires_at"]
        when = f": to be decided by {moment(until)}" if until else ""
        return line(f"{lead}pending{when}")
    reason = f": {answer['reason']}" if answer["reason"] else ""
    return line(f"{lead}{answer['verdict']}: {answer['outcome']} by {_author(answer)}{reason}")


def where(answer: Answer) -> str:
    """Where its war room is; nothing where nobody is asked."""
    if not (room := answer["room_id"]):
        return ""
    return line(f"war room {room}: {answer['room_url'] or 'no channel yet'}")


def waiting(answer: Answer, now: datetime) -> str:
    """Who was paged, who has seen it, and the time that is left."""
    paged = ", ".join(_paged(each) for each in answer.get("paged") or ())
    said = [f"paged {paged}" if paged else "nobody paged yet"]
    if answer["expires_at"]:
        left: timedelta = datetime.fromisoformat(answer["expires_at"]) - now
        said.append(f"{countdown(left.total_seconds())} left")
    return line("; ".join(said))


def _paged(page: Mapping[str, Any]) -> str:
    seen = page.get("seen_at")
    when = f"seen {datetime.fromisoformat(seen):%H:%M} UTC" if seen else "not seen yet"
    return f"{page['person']} ({page['role']}, {when})"


def _author(answer: Answer) -> str:
    """Who has decided, or where the rule stands that has."""
    if rule := answer.get("rule"):
        return f"the rule {rule['id']} ({rule['file']}:{rule['line']})"
    return _OURS.get(answer["decided_by"], str(answer["decided_by"]))
