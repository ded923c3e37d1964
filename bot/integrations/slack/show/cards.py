"""The card in the channel, and the page to each of those who are needed.

Rules
- Everything that a person needs to decide is on it, within Slack's limits, whatever came in.
- Once it is decided it shows the result, and no button.
"""

from bot.domain.access import roles_of
from bot.domain.policy import OnExpiry, Policy, Role
from bot.domain.storm import all_by
from bot.domain.violation import Severity
from bot.domain.war_room import WarRoom
from bot.integrations.slack.show import (
    buttons,
    decision,
    explained,
    held_back,
    links,
    participants,
    success,
)
from bot.integrations.slack.show.blocks import (
    Detail,
    context,
    divider,
    fitting,
    header,
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
from bot.integrations.slack.show.violation import Facts, headline, named, story
from bot.integrations.slack.verbs.verb import Verbs

MARKS = {Severity.LOW: "⚪", Severity.MEDIUM: "🟡", Severity.HIGH: "🟠", Severity.CRITICAL: "🔴"}
UNKNOWN_SEVERITY = "❔"  # the mark of one that only a newer version knows
DEFAULTS = {
    OnExpiry.BLOCK: "the change stays *blocked*",
    OnExpiry.ALLOW: "the change is *allowed*",
}
NO_CHANNEL = "There will be no channel: an operator gave it up."
_TITLE = 110


def card(room: WarRoom, policy: Policy, facts: Facts, verbs: Verbs) -> Rendered:
    """The pinned card of a room; `facts` are those of the violation that opened it."""
    return _whole(room, policy, facts, buttons.for_all(room, verbs))


def page(room: WarRoom, policy: Policy, facts: Facts, name: str, verbs: Verbs) -> Rendered:
    """The direct message that calls somebody to a room, with the buttons that they may use."""
    where = links.channel(room)
    if room.decision:
        top = [header(_headline(room, policy)), section(named(room))]

        def decided(detail: Detail) -> list[Block]:
            result = decision.result(room, policy, detail.quote)
            return [*top, *result, *explained.blocks(room, detail), _foot(room)]

        return Rendered(_news(room), fitting(decided))
    follows = NO_CHANNEL if room.given_up_at else "The war room's channel follows."
    rows = [
        section(f"The war room: {where}" if where else follows),
        *buttons.for_person(room, name, verbs),
    ]

    def blocks(detail: Detail) -> list[Block]:
        # Who can decide here has to see here what is decided: the same as on the card.
        top, *rest = _open(room, policy, facts, detail)
        return [top, section(_call(room, name)), *rest, *rows]

    text = f"{_call(room, name).replace('*', '')} {_summons(room, policy)}"
    return Rendered(clip(text, FALLBACK_TEXT), fitting(blocks))


def status(room: WarRoom, policy: Policy, facts: Facts, name: str, verbs: Verbs) -> Rendered:
    """A room as it stands, for one person who asked."""
    where = links.channel(room)
    rows = [
        *([section(f"The war room: {where}")] if where else []),
        *buttons.for_person(room, name, verbs),
    ]
    return _whole(room, policy, facts, rows)


def clock(room: WarRoom, policy: Policy) -> str:
    """Until when, with which extensions, and what holds when nobody decides."""
    extended = (
        f", extended by {long(room.extended_by)} of at most {long(room.window)}"
        if room.extended_by
        else ""
    )
    return (
        f"*Decide by {date(room.expires_at)}* (window {long(room.window)}{extended})\n"
        f"If nobody decides by then, {default(policy)}."
    )


def default(policy: Policy) -> str:
    """What holds when nobody decides."""
    return DEFAULTS.get(policy.on_expiry, f"the policy's default holds: {policy.on_expiry}")


def mark(severity: Severity) -> str:
    """The sign for how severe it is."""
    return MARKS.get(severity, UNKNOWN_SEVERITY)


def _whole(room: WarRoom, policy: Policy, facts: Facts, rows: list[Block]) -> Rendered:
    """A room with everything there is to it: `rows` as long as it is open, then the decision."""

    def blocks(detail: Detail) -> list[Block]:
        if not room.decision:
            return [*_open(room, policy, facts, detail), *rows]
        return [
            header(_headline(room, policy)),
            *decision.result(room, policy, detail.quote),
            *explained.blocks(room, detail),
            divider(),
            *story(room, facts, detail),
            *sections(participants.lines(room, policy)),
            _foot(room),
        ]

    summary = _news(room) if room.decision else _summons(room, policy)
    return Rendered(summary, fitting(blocks))


def _open(room: WarRoom, policy: Policy, facts: Facts, detail: Detail) -> list[Block]:
    rule = [f"*Policy {outside(policy.id, 100)}:* {outside(policy.title, 300)}"]
    if policy.description and detail.text:
        rule.append(outside(policy.description, detail.text))
    rule.append(f"{outside(policy.place, 200)} · `{decision.short(room.policy_digest)}`")
    return [
        header(_headline(room, policy)),
        *story(room, facts, detail),
        divider(),
        *sections(rule),
        *sections(participants.lines(room, policy)),
        *held_back.lines(room, policy, detail.quote),
        section(clock(room, policy)),
        *(sections(success.lines(room)) if room.successes else []),
        *explained.blocks(room, detail),
        _foot(room),
    ]


def _headline(room: WarRoom, policy: Policy) -> str:
    rule = plain(policy.title, _TITLE)
    if room.decision:
        return f"{decision.headline(room.decision, room.exception_ended_at)}: {rule}"
    return f"{mark(room.severity)} {room.severity.capitalize()}: {rule}"


def _foot(room: WarRoom) -> Block:
    team = f" · team {outside(room.team, 200)}" if room.team else ""
    violation = "" if room.is_storm else f" · violation `{room.violation.id}`"
    state = "" if room.state.is_known else f" · {room.state}"
    return context(f"War room `{room.id}`{violation}{team}{state}")


def _call(room: WarRoom, name: str) -> str:
    part = participants.part_of(room, name)
    if part == Role.INITIATOR:
        if room.is_storm and not all_by(room, name):
            return "*A change of yours is among these.* Explain it; others decide."
        return "*You made this change.* Explain it, or withdraw it; others decide."
    if not roles_of(room, name):
        elsewhere = " What you made is settled elsewhere." if room.is_storm else ""
        return f"*You are not needed here any more.*{elsewhere}"
    return f"*You are needed as {part}.*"


def _summons(room: WarRoom, policy: Policy) -> str:
    text = f"{headline(room, 300)} ({outside(policy.title, 200)}), decide by "
    return clip(f"{text}{date(room.expires_at)}", FALLBACK_TEXT)


def _news(room: WarRoom) -> str:
    if room.decision is None:
        return ""
    line = decision.in_a_line(room.decision, room.exception_ended_at)
    text = f"{headline(room, 300)}: {line}"
    return clip(text, FALLBACK_TEXT)
