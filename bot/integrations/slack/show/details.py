"""The details of a room: all there is to know of it, in a modal.

Rules
- Each fact is whole; what Slack takes no more of is counted. A fact of several lines is a quote, so
  that none of its lines passes for another fact.
- What is written in the room since, by people or by checks, stands there too.
"""

import json
from collections.abc import Iterable, Iterator

from bot.domain.clean_text import clean
from bot.domain.facts import flat
from bot.domain.violation import Violation
from bot.integrations.slack.show import (
    basis,
    cards,
    changes,
    decision,
    earlier,
    exceptions,
    explained,
    held_back,
    links,
    participants,
    success,
)
from bot.integrations.slack.show.about import About
from bot.integrations.slack.show.blocks import (
    LEVELS,
    SECTION_TEXT,
    VIEW_BLOCKS,
    context,
    divider,
    quoted,
    section,
    sections,
)
from bot.integrations.slack.show.inputs import reading
from bot.integrations.slack.show.text import Block, View, date, outside
from bot.integrations.slack.show.violation import happened, label_of
from bot.measures.safe_text import literal

_NAME = 300
_TEXT = 2500
_PIECE = 8000
_VIEW_SIZE = 200_000  # bytes; Slack takes 250 KB of a view


def view(about: About) -> View:
    """The modal."""
    room, policy = about.room, about.policy
    whole = LEVELS[0]
    blocks = [
        section(_state(about)),
        section(happened(about)),
        *decision.result(room, policy),
        *exceptions.in_its_room(about.exception, about.now, whole),
        *held_back.lines(room, policy),
        *(sections(success.lines(room, whole)) if room.successes else []),
        *explained.blocks(room, whole),
        *sections(participants.lines(room, policy)),
        *sections([earlier.line(about.earlier)]),
        divider(),
        *sections(_rule(about)),
        *sections(_gathered(about) if room.is_storm else _violation(about.whole or room.violation)),
        *(sections(_gathered(about)) if room.count > 1 and not room.is_storm else []),
    ]
    return reading("details", "Details", [*blocks, *_fitting(_facts(about), blocks)])


def _state(about: About) -> str:
    room = about.room
    if room.decision is None:
        return f"{cards.urgency(room, about.policy)}\nThe window is {cards.window(room)}."
    return f"*{decision.headline(room.decision, room)}*"


def _rule(about: About) -> Iterator[str]:
    room, policy = about.room, about.policy
    yield f"*Policy* {outside(policy.id, _NAME)}: {outside(policy.title, _NAME)}"
    if policy.description:
        yield outside(policy.description, _TEXT)
    yield f"{outside(policy.place, _NAME)} · `{outside(room.policy_digest, _NAME)}`"
    if policy.risk_class:
        yield f"*Risk class* {outside(policy.risk_class, _NAME)}"
    yield from basis.lines(about)
    opened = f"*War room* `{room.id}`, opened {date(room.opened_at)}"
    yield f"{opened} · team {outside(room.team, _NAME)}" if room.team else opened


def _violation(violation: Violation) -> Iterator[str]:
    report = violation.report
    subject, origin = report.subject, report.origin
    yield f"*Violation* `{violation.id}`, detected {date(violation.detected_at)}"
    named = (
        ("Subject", " ".join(filter(None, (subject.kind, subject.name, subject.version)))),
        ("Digest", subject.digest),
        ("System", origin.system),
        ("Repository", origin.repository),
        ("Environment", origin.environment),
        ("Key", report.key),
    )
    yield from (f"*{label}* {outside(text, _TEXT)}" for label, text in named if text)
    if origin.commit:
        whole = links.commit(origin, len(origin.commit))
        yield f"*Commit* {whole.removeprefix('commit ')}"
    if where := links.links(violation, _TEXT):
        yield where
    yield from changes.whole(origin)


def _gathered(about: About) -> Iterator[str]:
    contents = about.room.contents
    yield f"*The newest of {contents.count} violations*"
    for violation in reversed((contents.first, *contents.newest)):
        where = links.links(violation, _NAME)
        yield f"• {outside(label_of(violation), _NAME)}{f' · {where}' if where else ''}"


def _facts(about: About) -> Iterator[Block]:
    """Each fact, whole: short ones together, and a long one in pieces that Slack takes."""
    lines: list[str] = []
    for fact in flat(about.facts):
        label, value = f"*{outside(fact.key, _NAME)}*", clean(fact.value).strip()
        if "\n" not in value and len(label) + len(value) < SECTION_TEXT - 2:
            lines.append(f"{label}: {literal(value)}")
            continue
        yield from sections(lines)
        lines = []
        for start in range(0, len(value), _PIECE):
            piece = value[start : start + _PIECE]
            yield from quoted(f"{label} (goes on)" if start else label, piece)
    yield from sections(lines)


def _fitting(found: Iterable[Block], before: list[Block]) -> Iterator[Block]:
    """The blocks `found`, as many as Slack takes after those `before`."""
    blocks = list(found)
    left, size = VIEW_BLOCKS - len(before) - 1, _bytes(before)
    for number, block in enumerate(blocks):
        size += _bytes(block)
        if number == left or size > _VIEW_SIZE:
            yield context(f"… and {len(blocks) - number} more parts, which Slack can't show here.")
            return
        yield block


def _bytes(value: object) -> int:
    return len(json.dumps(value, ensure_ascii=False).encode())
