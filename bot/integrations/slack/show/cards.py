"""The card in the channel, and the page to each of those who are needed.

Rules
- Everything that a person needs to decide is on it, within Slack's limits, whatever came in.
- Once it is decided it shows the result, and no button.
"""

from collections.abc import Iterator

from bot.domain.access import roles_of
from bot.domain.policy import OnExpiry, Policy, Role
from bot.domain.storm import all_by
from bot.domain.violation import Severity
from bot.domain.war_room import WarRoom
from bot.integrations.slack.show import buttons, decision, links, participants
from bot.integrations.slack.show.blocks import (
    Detail,
    context,
    divider,
    fitting,
    header,
    quoted,
    section,
    sections,
)
from bot.integrations.slack.show.text import (
    FALLBACK_TEXT,
    Block,
    Rendered,
    clip,
    date,
    long,
    outside,
    plain,
)
from bot.integrations.slack.show.violation import name, named, story
from bot.integrations.slack.verbs.verb import Verbs

MARKS = {Severity.LOW: "⚪", Severity.MEDIUM: "🟡", Severity.HIGH: "🟠", Severity.CRITICAL: "🔴"}
DEFAULTS = {
    OnExpiry.BLOCK: "the change stays *blocked*",
    OnExpiry.ALLOW: "the change is *allowed*",
}
_TITLE = 110


def card(room: WarRoom, policy: Policy, verbs: Verbs) -> Rendered:
    """The pinned card of a room."""
    if room.decision:
        return Rendered(_news(room), fitting(lambda detail: _decided(room, policy, detail)))
    rows = buttons.for_all(room, verbs)
    return Rendered(
        _summons(room, policy), fitting(lambda detail: [*_open(room, policy, detail), *rows])
    )


def page(room: WarRoom, policy: Policy, user: str, verbs: Verbs) -> Rendered:
    """The direct message that calls `user` to a room, with the buttons that they may use."""
    where = links.channel(room)
    if room.decision:
        top = [header(_headline(room, policy)), section(named(room))]
        return Rendered(_news(room), [*top, *decision.result(room, policy), _foot(room)])
    rows = [
        section(f"The war room: {where}" if where else "The war room's channel follows."),
        *buttons.for_person(room, user, verbs),
    ]

    def blocks(detail: Detail) -> list[Block]:
        # Who can decide here has to see here what is decided: the same as on the card.
        top, *rest = _open(room, policy, detail)
        return [top, section(_call(room, user)), *rest, *rows]

    text = f"{_call(room, user).replace('*', '')} {_summons(room, policy)}"
    return Rendered(clip(text, FALLBACK_TEXT), fitting(blocks))


def status(room: WarRoom, policy: Policy, user: str, verbs: Verbs) -> Rendered:
    """A room as it stands, for one person who asked."""
    if room.decision:
        return card(room, policy, verbs)
    where = links.channel(room)
    rows = [
        *([section(f"The war room: {where}")] if where else []),
        *buttons.for_person(room, user, verbs),
    ]
    return Rendered(
        _summons(room, policy), fitting(lambda detail: [*_open(room, policy, detail), *rows])
    )


def clock(room: WarRoom, policy: Policy) -> str:
    """Until when, with which extensions, and what holds when nobody decides."""
    extended = (
        f", extended by {long(room.extended_by)} of at most {long(room.window)}"
        if room.extended_by
        else ""
    )
    return (
        f"*Decide by {date(room.expires_at)}* (window {long(room.window)}{extended})\n"
        f"If nobody decides by then, {DEFAULTS[policy.on_expiry]}."
    )


def _open(room: WarRoom, policy: Policy, detail: Detail) -> list[Block]:
    return [
        header(_headline(room, policy)),
        *story(room, detail),
        divider(),
        *sections(_policy(room, policy, detail)),
        *sections(participants.lines(room)),
        section(clock(room, policy)),
        *_question(room, detail.quote),
        _foot(room),
    ]


def _decided(room: WarRoom, policy: Policy, detail: Detail) -> list[Block]:
    return [
        header(_headline(room, policy)),
        *decision.result(room, policy),
        divider(),
        *story(room, detail),
        *sections(participants.lines(room)),
        _foot(room),
    ]


def _headline(room: WarRoom, policy: Policy) -> str:
    rule = plain(policy.title, _TITLE)
    if room.decision:
        return f"{decision.headline(room.decision)}: {rule}"
    return f"{MARKS[room.severity]} {room.severity.capitalize()}: {rule}"


def _policy(room: WarRoom, policy: Policy, detail: Detail) -> Iterator[str]:
    yield _rule(policy)
    if policy.description and detail.text:
        yield outside(policy.description, detail.text)
    digest = decision.short(room.policy_digest)
    yield f"{outside(policy.place, 200)} · `{digest}`"


def _rule(policy: Policy) -> str:
    return f"*Policy {outside(policy.id, 100)}:* {outside(policy.title, 300)}"


def _question(room: WarRoom, most: int) -> list[Block]:
    if room.question is None:
        return []
    asked = quoted("*Question to the initiator*", room.question, most)
    if room.answer is None:
        return [*asked, context("Not answered yet; the clock goes on.")]
    return [*asked, *quoted("*Answer*", room.answer, most)]


def _foot(room: WarRoom) -> Block:
    team = f" · team {outside(room.team, 200)}" if room.team else ""
    violation = "" if room.is_storm else f" · violation `{room.violation.id}`"
    return context(f"War room `{room.id}`{violation}{team}")


def _call(room: WarRoom, user: str) -> str:
    part = participants.part_of(room, user)
    if part == Role.INITIATOR:
        if room.is_storm and not all_by(room, user):
            return "*A change of yours is among these.* Explain it; others decide."
        return "*You made this change.* Explain it, or withdraw it; others decide."
    if not roles_of(room, user):
        return "*You are not needed here any more.* What you made is settled elsewhere."
    return f"*You are needed as {part}.*"


def _summons(room: WarRoom, policy: Policy) -> str:
    text = f"{name(room, 300)} ({outside(policy.title, 200)}), decide by "
    return clip(f"{text}{date(room.expires_at)}", FALLBACK_TEXT)


def _news(room: WarRoom) -> str:
    if room.decision is None:
        return ""
    text = f"{name(room, 300)}: {decision.in_a_line(room.decision)}"
    return clip(text, FALLBACK_TEXT)
