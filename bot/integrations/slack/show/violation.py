"""What happened, in mrkdwn: title, subject, place, facts, and what joined later.

Rules
- Everything here comes from outside: each part is one harmless line, and has its length.
- A storm's room is told by its number and its newest titles, not by the one that opened it.
"""

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from bot.domain.violation import Violation
from bot.domain.war_room import WarRoom
from bot.integrations.slack.show import links
from bot.integrations.slack.show.blocks import Detail, section, sections
from bot.integrations.slack.show.text import Block, date, outside

Facts = Mapping[str, Any]

TITLE = 400
_KEY = 80
_DEEPEST = 6
_LINKS = 300
_SINCE = 5


def story(room: WarRoom, facts: Facts, detail: Detail) -> list[Block]:
    """What opened the room, where, with which facts, and what joined it."""
    if room.is_storm:
        return sections(_storm(room, detail))
    violation = room.violation
    subject = violation.report.subject
    # A commit stands in its place, shortened and linked: once is enough.
    is_place = subject.name is not None and subject.name == violation.report.origin.commit
    named_by = [] if is_place else [subject.kind, subject.name, subject.version]
    words = [outside(part, detail.line) for part in named_by if part]
    if subject.digest:
        words.append(f"`{outside(subject.digest, detail.line)}`")
    happened = [
        title(violation),
        " ".join(words),
        links.place(violation.report.origin, detail.line),
        links.links(violation, detail.links),
    ]
    return [
        *sections(line for line in happened if line),
        *sections(_facts(facts, detail)),
        *_joined(room, detail),
    ]


def joined_since(room: WarRoom, count: int) -> str:
    """The `count` violations that came last, the newest first: how many, and the newest titles."""
    newest = room.contents.newest[-min(count, _SINCE) :]
    lines = [f"⚠ *{count} more joined since this was shown; your decision settles all of them*"]
    lines += [f"• {outside(label_of(violation), TITLE)}" for violation in reversed(newest)]
    return "\n".join([*lines, *([_more(count - _SINCE, "violation")] if count > _SINCE else [])])


def named(room: WarRoom) -> str:
    """What a room is about, in bold."""
    return f"*{headline(room, TITLE)}*"


def headline(room: WarRoom, most: int) -> str:
    """What a room is about in plain words, for a notification or a list."""
    return outside(room.title, most)


def title(violation: Violation) -> str:
    """A violation's title in bold."""
    return f"*{outside(violation.report.title, TITLE)}*"


def _facts(facts: Facts, detail: Detail) -> list[str]:
    found = _flat(facts)
    lines = [
        f"• {outside(key, _KEY)}: {outside(value, detail.line)}"
        for key, value in islice(found, detail.facts)
    ]
    left = sum(1 for _ in found)
    return [*lines, _more(left, "fact")] if left else lines


def _flat(value: object, key: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    inside: list[tuple[str, object]] = []
    if isinstance(value, Mapping):
        inside = [(f"{key}.{name}" if key else str(name), part) for name, part in value.items()]
    elif isinstance(value, list):
        inside = [(f"{key}[{number}]", part) for number, part in enumerate(value)]
    elif isinstance(value, str):
        yield key, value
    elif value is None:
        yield key, "not given"
    else:
        yield key, json.dumps(value, default=str)
    for longer, part in inside:
        if depth < _DEEPEST:
            yield from _flat(part, longer, depth + 1)
        else:
            yield longer, "…"


def _joined(room: WarRoom, detail: Detail) -> list[Block]:
    count = room.count - 1
    if not count:
        return []
    violations = "violation" if count == 1 else "violations"
    lines = [f"*{count} more {violations}, under the same decision*"]
    shown = room.contents.newest[-detail.joined :] if detail.joined else ()
    lines += [f"• {outside(joined.report.title, detail.line)}" for joined in shown]
    if count > detail.joined > 0:
        lines.append(_more(count - detail.joined, "violation"))
    return [section("\n".join(lines))]


def _storm(room: WarRoom, detail: Detail) -> Iterator[str]:
    shown = max(detail.joined, 1)
    since = f"{named(room)} of this policy since {date(room.opened_at)}"
    alone = "too many came before it for a room each."
    yield f"{since}; {alone}" if room.count == 1 else f"{since}, too many for a room each."
    if room.decision is None and room.count > 1:
        apart = "*Settle one apart…* takes one out, for a room and a decision of its own."
        yield f"One decision settles all of them. {apart}"
    newest = (room.contents.first, *room.contents.newest)[-shown:]
    for violation in reversed(newest):
        where = links.links(violation, _LINKS)
        yield f"• {outside(label_of(violation), detail.line)}{f' · {where}' if where else ''}"
    if room.count > shown:
        yield _more(room.count - shown, "violation")
    if room.split_off:
        yield f"Settled apart, each in a room of its own: {room.split_off}."


def label_of(violation: Violation) -> str:
    """A violation among many with the same title: subject and initiator beside it."""
    subject = violation.report.subject
    what = " ".join(part for part in (subject.name, subject.version) if part)
    return " · ".join(
        filter(None, (violation.report.title, what, violation.report.initiator.label))
    )


def _more(count: int, what: str) -> str:
    return f"… and {count} more {what if count == 1 else f'{what}s'}"
