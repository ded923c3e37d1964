"""The card in the channel, and the page to each of those who are needed.

Rules
- Whoever reads two blocks, or the beginning of the notification, knows how severe it is, how much
  time is left, what holds if nobody decides, what happened and why that is a violation.
- Then stands what speaks for and against, and who has to do with it; what only some look for is a
  grey line, and all of it in the details.
- Once it is decided it shows the result, and offers nothing.
"""

from datetime import datetime, timedelta
from functools import lru_cache

from bot.domain.access import roles_of
from bot.domain.policy import OnExpiry, Policy, Role
from bot.domain.storm import all_by
from bot.domain.violation import Severity
from bot.domain.war_room import WarRoom
from bot.integrations.slack.show import (
    basis,
    buttons,
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
    Detail,
    context,
    fitting,
    header,
    section,
    sections,
)
from bot.integrations.slack.show.text import (
    FALLBACK_TEXT,
    Block,
    Rendered,
    ago,
    clip,
    date,
    long,
    name_of,
    outside,
    utc,
)
from bot.integrations.slack.show.violation import happened, headline, is_commit, story
from bot.integrations.slack.verbs.verb import Verbs

MARKS = {Severity.LOW: "⚪", Severity.MEDIUM: "🟡", Severity.HIGH: "🟠", Severity.CRITICAL: "🔴"}
UNKNOWN_SEVERITY = "❔"  # the mark of one that only a newer version knows
DEFAULTS = {
    OnExpiry.BLOCK: "the change stays *blocked*",
    OnExpiry.ALLOW: "the change is *allowed*",
}
NO_CHANNEL = "There will be no channel: an operator gave it up."
_ELSE = {OnExpiry.BLOCK: "else blocked", OnExpiry.ALLOW: "else allowed"}
_IN_NOTIFICATION = 300
_TITLE_SHORT, _POLICY_SHORT = 40, 28  # of what a phone shows at once


def card(about: About, verbs: Verbs) -> Rendered:
    """The pinned card of a room."""
    excepted, rows = about.exception, buttons.for_all(about.room, verbs)
    return _whole(about, rows + exceptions.for_all(excepted, about.now) if excepted else rows)


def page(about: About, name: str, verbs: Verbs) -> Rendered:
    """The direct message that calls somebody to a room, with what they may do in it."""
    room = about.room
    if room.decision:
        offered = exceptions.for_person(about.exception, room, name, about.now)

        def decided(detail: Detail) -> list[Block]:
            return [*_decided(about, detail, name), *offered, _foot(about)]

        return Rendered(_news(room), fitting(decided, leaves_out=True))
    where = links.channel(room)
    follows = NO_CHANNEL if room.given_up_at else "The war room's channel follows."
    rows = [
        section(f"The war room: {where}" if where else follows),
        *buttons.for_person(room, name, verbs),
    ]
    call = _call(room, name)

    def blocks(detail: Detail) -> list[Block]:
        # Who can decide here has to see here what is decided: the same as on the card.
        return [*_open(about, detail, f"{call}\n"), *rows, _foot(about)]

    shown = fitting(blocks, leaves_out=True)
    return Rendered(_notification(about, call.replace("*", "")), shown)


def status(about: About, name: str, verbs: Verbs) -> Rendered:
    """A room as it stands, for one person who asked."""
    room = about.room
    where = links.channel(room)
    offered = buttons.for_person(room, name, verbs)
    if room.decision:
        may = exceptions.for_person(about.exception, room, name, about.now)
        offered = [*buttons.details(room), *may]
    rows = [*([section(f"The war room: {where}")] if where else []), *offered]
    return _whole(about, rows, has_details=True)


def clock(room: WarRoom, policy: Policy) -> str:
    """Until when, with which extensions, and what holds when nobody decides."""
    return (
        f"*Decide by {date(room.expires_at)}* (window {window(room)})\n"
        f"If nobody decides by then, {default(policy)}."
    )


def window(room: WarRoom) -> str:
    """How long it is open in all, with its extensions."""
    if not room.extended_by:
        return long(room.window)
    extended = f"extended by {long(room.extended_by)} of at most {long(room.window)}"
    return f"{long(room.window)}, {extended}"


def default(policy: Policy) -> str:
    """What holds when nobody decides."""
    return DEFAULTS.get(policy.on_expiry, f"the policy's default holds: {policy.on_expiry}")


def mark(severity: Severity) -> str:
    """The sign for how severe it is."""
    return MARKS.get(severity, UNKNOWN_SEVERITY)


def urgency(room: WarRoom, policy: Policy) -> str:
    """How severe it is, until when it is open, and what holds then."""
    return (
        f"{mark(room.severity)} *{room.severity.capitalize()}* · decide by "
        f"*{date(room.expires_at)}* ({ago(room.expires_at)}){_who_decides(room)} · "
        f"if nobody does, {default(policy)}"
    )


def _who_decides(room: WarRoom) -> str:
    on_duty = dict.fromkeys(each.on_duty for each in room.assignments if each.on_duty)
    names = [name_of(room.person(name)) for name in on_duty]
    return f": *{' or '.join(names)}*" if names else ""


def _whole(about: About, rows: list[Block], *, has_details: bool = False) -> Rendered:
    """A room with what there is to it: `rows` below, the result first once there is one."""
    room = about.room

    def blocks(detail: Detail) -> list[Block]:
        if not room.decision:
            return [*_open(about, detail), *rows, _foot(about)]
        return [
            *_decided(about, detail),
            *story(about, detail),
            *sections(participants.brief(room, about.policy)),
            *rows,
            _foot(about, has_details=has_details),
        ]

    told = _news(room) if room.decision else _notification(about)
    return Rendered(told, fitting(blocks, leaves_out=True))


def _open(about: About, detail: Detail, call: str = "") -> list[Block]:
    stands, said, follows = _to_all(about, detail)
    return [stands, section(f"{call}{said}"), *follows]


@lru_cache(maxsize=16)
def _to_all(about: About, detail: Detail) -> tuple[Block, str, tuple[Block, ...]]:
    """What of an open room is the same to everybody: how it stands, what happened, all else.

    Made once for the pages that are made of one `about`, which is frozen and known by itself: to
    make it for each was a tenth of a violation's cost.
    """
    room, policy = about.room, about.policy
    follows = (
        *story(about, detail),
        *sections(basis.lines(about)),
        *sections(participants.brief(room, policy)),
        *sections([earlier.line(about.earlier)]),
        *held_back.lines(room, policy, detail.quote),
        *(sections(success.lines(room, detail)) if room.successes else []),
        *explained.blocks(room, detail),
    )
    return section(urgency(room, policy)), happened(about), follows


def _decided(about: About, detail: Detail, name: str | None = None) -> list[Block]:
    room = about.room
    if room.decision is None:
        raise ValueError(f"war room {room.id} is open")
    return [
        header(decision.headline(room.decision, room)),
        section(happened(about)),
        *decision.result(room, about.policy, detail.quote),
        *exceptions.in_its_room(about.exception, about.now, detail, name),
        *explained.blocks(room, detail),
    ]


def _foot(about: About, *, has_details: bool = False) -> Block:
    """What only some look for: which room, violation, commit, rule and place of the rule."""
    room, policy = about.room, about.policy
    parts = [
        f"War room `{room.id}`",
        *([] if room.is_storm else _violation(room)),
        "" if room.decision else _rule(room, policy),
        f"risk class {outside(policy.risk_class, 100)}" if policy.risk_class else "",
        f"team {outside(room.team, 200)}" if room.team else "",
        "" if room.state.is_known else str(room.state),
        f"`/warroom status {room.id}` has all of it" if room.decision and not has_details else "",
    ]
    return context(" · ".join(filter(None, parts)))


def _violation(room: WarRoom) -> list[str]:
    report = room.violation.report
    digest = report.subject.digest or ""
    named = [f"violation `{room.violation.id}`", links.commit(report.origin)]
    if digest and not is_commit(digest, report.origin):
        named.append(f"digest `{decision.short(digest)}`")
    return named


def _rule(room: WarRoom, policy: Policy) -> str:
    digest = decision.short(room.policy_digest)
    return f"policy {outside(policy.id, 100)}, {outside(policy.place, 200)}, `{digest}`"


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


def notification(room: WarRoom, policy: Policy, said: str, now: datetime | None = None) -> str:
    """What a phone shows of an open room: how it stands, in few words, then what is `said`.

    At `now` it says how much time is left; else, since it is not known when it is read, until when.
    """
    deadline = f"by {utc(room.expires_at)}"
    parts = [
        f"{mark(room.severity)} {room.severity.capitalize()}",
        _left(room.expires_at - now) if now else deadline,
        _ELSE.get(policy.on_expiry, f"else {policy.on_expiry}"),
        f"{headline(room, _TITLE_SHORT)} ({outside(policy.title, _POLICY_SHORT)}).",
    ]
    whole = headline(room, _IN_NOTIFICATION) if len(room.title) > _TITLE_SHORT else ""
    words = (" · ".join(parts), said, f"Decide {deadline}." if now else "", whole)
    return clip(" ".join(filter(None, words)), FALLBACK_TEXT)


def _left(time: timedelta) -> str:
    return f"{long(time)} left" if time > timedelta(0) else "no time left"


def _notification(about: About, said: str = "") -> str:
    return notification(about.room, about.policy, said, about.now)


def _news(room: WarRoom) -> str:
    if room.decision is None:
        return ""
    sign = decision.mark(room.decision, room)
    line = decision.in_a_line(room.decision, room)
    return clip(f"{sign} {line} · {headline(room, _IN_NOTIFICATION)}", FALLBACK_TEXT)
