"""What happened: title, policy, facts, where, and what joined later.

Rules
- Everything here comes from outside: each part is one harmless line, and has its length.
- A storm's room is told by its number and its newest titles, not by the one that opened it.
"""

from collections.abc import Iterator

from bot.domain import facts
from bot.domain.policy import Policy
from bot.domain.violation import Origin, Violation
from bot.domain.war_room import WarRoom
from bot.integrations.slack.show import changes, links
from bot.integrations.slack.show.about import About
from bot.integrations.slack.show.blocks import Detail, section, sections
from bot.integrations.slack.show.text import Block, date, outside

TITLE = 400
FACTS = 12  # of those that whoever decides is shown
_FACT = 240
_SAID = 300
_LINKS = 300
_SINCE = 5
_BECAUSE = 200
_SHA = 7  # by so many characters at least a commit is called


def happened(about: About) -> str:
    """What happened, and why that is a violation: in two sentences."""
    against = f"That is against “{outside(about.policy.title, 300)}”{_because(about.policy)}"
    if about.room.is_storm:
        return f"{_gathered(about.room)} {against}"
    said = "".join(f"\n“{outside(text, _SAID)}”" for text in facts.sentences(about.facts))
    ends = about.room.title.rstrip().endswith((".", "!", "?", "…"))
    return f"{title(about.room.violation)}{'' if ends else '.'} {against}{said}"


def is_commit(text: str, origin: Origin) -> bool:
    """Whether `text` is the commit of `origin`, whole or its beginning: that is named once."""
    return bool(origin.commit) and len(text) >= _SHA and (origin.commit or "").startswith(text)


def story(about: About, detail: Detail) -> list[Block]:
    """The facts that tell most, where it happened, and what joined it."""
    if about.room.is_storm:
        return sections(_storm(about.room, detail))
    origin = about.room.violation.report.origin
    shown = [fact for fact in facts.telling(about.facts) if not is_commit(fact.value, origin)]
    lines = [f"• {outside(fact.words, _FACT)}" for fact in shown]
    # A number beside its threshold is two of them. What is decided has no such menu.
    if not about.room.decision and sum(1 for _ in facts.flat(about.facts)) > sum(
        1 + fact.compared for fact in shown
    ):
        lines.append("All facts are in *Details…*")
    where = sections([*lines, *_where(about.room, detail)])
    return [*where, *changes.blocks(about, detail), *_joined(about.room, detail)]


def whole_story(about: About, detail: Detail) -> list[Block]:
    """The same with every fact that there is room for, for whoever decides on it."""
    if about.room.is_storm:
        return sections(_storm(about.room, detail))
    told = [fact.words for fact in facts.telling(about.facts)]
    told += [fact.words for fact in facts.flat(about.facts) if fact.words not in told]
    lines = [f"• {outside(fact, _FACT)}" for fact in told]
    more = len(lines) - FACTS
    shown = [*lines[:FACTS], *([_more(more, "fact")] if more > 0 else [])]
    where = sections([*shown, *_where(about.room, detail)])
    return [*where, *changes.blocks(about, detail), *_joined(about.room, detail)]


def joined_since(room: WarRoom, count: int) -> str:
    """The `count` violations that came last, the newest first: how many, and the newest titles."""
    newest = room.contents.newest[-min(count, _SINCE) :]
    lines = [f"⚠ *{count} more joined since this was shown; your decision settles all of them*"]
    lines += [f"• {outside(label_of(violation), TITLE)}" for violation in reversed(newest)]
    return "\n".join([*lines, *([_more(count - _SINCE, "violation")] if count > _SINCE else [])])


def named(room: WarRoom, most: int = TITLE) -> str:
    """What a room is about, in bold."""
    return f"*{headline(room, most)}*"


def headline(room: WarRoom, most: int) -> str:
    """What a room is about in plain words, for a notification or a list."""
    return outside(room.title, most)


def title(violation: Violation) -> str:
    """A violation's title in bold."""
    return f"*{outside(violation.report.title, TITLE)}*"


def _where(room: WarRoom, detail: Detail) -> Iterator[str]:
    violation = room.violation
    subject, origin = violation.report.subject, violation.report.origin
    names = (subject.name, subject.version)
    called = [name for name in names if name and not is_commit(name, origin)]
    named_by = [subject.kind, *called] if subject.kind and called else called
    parts = [
        " ".join(outside(part, detail.line) for part in named_by),
        links.place(origin, detail.line),
        links.links(violation, detail.links),
    ]
    if any(parts):
        yield " · ".join(filter(None, parts))


def _because(policy: Policy) -> str:
    """What the policy says, where it says more than its title."""
    return f": {outside(policy.description, _BECAUSE)}" if policy.description.strip() else "."


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


def _gathered(room: WarRoom) -> str:
    since = f"{named(room)} of one policy since {date(room.opened_at)}"
    alone = "too many came before it for a room each."
    return f"{since}; {alone}" if room.count == 1 else f"{since}, too many for a room each."


def _storm(room: WarRoom, detail: Detail) -> Iterator[str]:
    shown = max(detail.joined, 1)
    if room.decision is None and room.count > 1:
        apart = "*Settle one apart…* in the menu gives one a room and a decision of its own."
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
    report = violation.report
    parts = filter(None, (report.subject.name, report.subject.version))
    what = " ".join(links.short(part) if is_commit(part, report.origin) else part for part in parts)
    what = "" if what in report.title else what
    return " · ".join(
        filter(None, (violation.report.title, what, violation.report.initiator.label))
    )


def _more(count: int, what: str) -> str:
    return f"… and {count} more {what if count == 1 else f'{what}s'}"
