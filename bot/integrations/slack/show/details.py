"""The details of a room: all there is to know of it, whole, in a modal.

Rules
- Nothing is shortened but by what Slack takes of a modal; what is left out then is counted.
"""

import json
from collections.abc import Iterator

from bot.domain.facts import flat
from bot.domain.violation import Violation
from bot.integrations.slack.show import cards, decision, links, participants
from bot.integrations.slack.show.about import About
from bot.integrations.slack.show.blocks import (
    SECTION_TEXT,
    VIEW_BLOCKS,
    context,
    divider,
    section,
    sections,
)
from bot.integrations.slack.show.inputs import reading
from bot.integrations.slack.show.text import Block, View, date, escape, outside
from bot.integrations.slack.show.violation import happened, label_of

_NAME = 300
_TEXT = 2500
_VIEW_SIZE = 200_000  # Slack takes 250 KB of a view


def view(about: About) -> View:
    """The modal."""
    room, policy = about.room, about.policy
    blocks = [
        section(_state(about)),
        section(happened(about)),
        *sections(_rule(about)),
        *sections(participants.lines(room, policy)),
        divider(),
        *sections(_gathered(about) if room.is_storm else _violation(room.violation)),
    ]
    facts = _pieces(about) if about.facts else iter(())
    return reading("details", "Details", [*blocks, *_fitting(facts, blocks)])


def _state(about: About) -> str:
    room = about.room
    if room.decision is None:
        return f"{cards.urgency(room, about.policy)}\nThe window is {cards.window(room)}."
    ended = room.exception_ended_at
    headline = decision.headline(room.decision, ended)
    return f"*{headline}*: {decision.in_a_line(room.decision, ended)}"


def _rule(about: About) -> Iterator[str]:
    room, policy = about.room, about.policy
    yield f"*Policy* {outside(policy.id, _NAME)}: {outside(policy.title, _NAME)}"
    if policy.description:
        yield outside(policy.description, _TEXT)
    yield f"{outside(policy.place, _NAME)} · `{outside(room.policy_digest, _NAME)}`"
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


def _gathered(about: About) -> Iterator[str]:
    contents = about.room.contents
    newest = (contents.first, *contents.newest)
    yield f"*The newest of {contents.count} violations*"
    for violation in reversed(newest):
        where = links.links(violation, _NAME)
        yield f"• {outside(label_of(violation), _NAME)}{f' · {where}' if where else ''}"


def _pieces(about: About) -> Iterator[str]:
    """Each fact, whole: a long one in pieces that Slack takes."""
    for fact in flat(about.facts):
        text = f"*{outside(fact.key, _NAME)}*: {escape(fact.value)}"
        for start in range(0, len(text), SECTION_TEXT):
            yield text[start : start + SECTION_TEXT]


def _fitting(lines: Iterator[str], before: list[Block]) -> Iterator[Block]:
    """The lines in as many blocks as Slack takes after those `before`."""
    blocks = sections(lines)
    left, size = VIEW_BLOCKS - len(before) - 1, len(json.dumps(before))
    for number, block in enumerate(blocks):
        size += len(json.dumps(block))
        if number == left or size > _VIEW_SIZE:
            yield context(f"… and {len(blocks) - number} more parts, which Slack can't show here.")
            return
        yield block
