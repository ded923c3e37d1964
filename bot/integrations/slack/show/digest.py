"""The digest: many rooms that need one person, in one message.

Rules
- A line a room: how severe, what, until when, where. The most severe come first.
- It has no buttons: they are in the rooms, and on the app's Home.
- It is brought up to date: the line of a room that is decided is struck through, and says how.
- What it only counts is counted as of its writing, and it says so.
"""

from collections.abc import Iterator, Mapping, Sequence

from bot.domain.messages import Listing
from bot.domain.person import Person
from bot.domain.policy import Policy
from bot.domain.war_room import WarRoom
from bot.integrations.slack.show import cards, decision, links, participants
from bot.integrations.slack.show.blocks import Detail, context, fitting, header, sections
from bot.integrations.slack.show.text import FALLBACK_TEXT, Rendered, clip, date, outside, utc
from bot.integrations.slack.show.violation import headline, named

SHOWN = 15
_TITLE = 100


def digest(
    rooms: Sequence[WarRoom],
    missed: Sequence[WarRoom],
    policies: Mapping[str, Policy],
    who: Person,
    *,
    more: int = 0,
    more_missed: int = 0,
) -> Rendered:
    """The message to somebody about `rooms`, and those `missed`; `policies` by room id.

    `more` and `more_missed` are those that it counted when it was written, and doesn't list.
    """
    urgent = _by_urgency(rooms)
    more += max(len(rooms) - SHOWN, 0)
    more_missed += max(len(missed) - SHOWN, 0)

    def lines(detail: Detail) -> Iterator[str]:
        for room in urgent[:SHOWN]:
            yield _line(room, policies[room.id], who, detail)
        if more:
            yield f"… and {more} more when this was written: `/warroom mine` lists what waits."
        for room in missed[:SHOWN]:
            yield f"Ended before you could be told: {named(room, detail.line)}: {_result(room)}"
        if more_missed:
            yield f"… and {more_missed} more that ended."

    waiting = sum(room.decision is None for room in urgent[:SHOWN])
    buttons = "The buttons are in the rooms, and on this app's Home."
    hint = buttons if waiting or more else "Nothing is left to do in them."
    head = _head(len(urgent[:SHOWN]), waiting, more) if rooms else _ended(len(missed) + more_missed)
    broken = ", ".join(headline(room, _TITLE) for room in (*urgent, *missed)[:SHOWN])
    summary = clip(f"{head}{_first(urgent)}: {broken}", FALLBACK_TEXT)
    return Rendered(
        summary,
        fitting(lambda detail: [header(head), *sections(lines(detail)), context(hint)]),
    )


def listing(rooms: Sequence[WarRoom], missed: Sequence[WarRoom]) -> Listing:
    """What a digest about these rooms lists, and how many more it only counts."""
    return Listing(
        needed=tuple(room.id for room in _by_urgency(rooms)[:SHOWN]),
        more=max(len(rooms) - SHOWN, 0),
        missed=tuple(room.id for room in missed[:SHOWN]),
        more_missed=max(len(missed) - SHOWN, 0),
    )


def _by_urgency(rooms: Sequence[WarRoom]) -> list[WarRoom]:
    return sorted(rooms, key=lambda r: (not r.is_storm, -r.severity.rank, r.expires_at, r.id))


def _line(room: WarRoom, policy: Policy, who: Person, detail: Detail) -> str:
    most = detail.line
    if room.decision:
        mark = decision.mark(room.decision, room)
        return f"{mark} ~{headline(room, most)}~\n      {_result(room)}"
    head, by = f"{cards.mark(room.severity)} {named(room, most)}", f"by {date(room.expires_at)}"
    where = links.channel(room) or f"war room `{room.id}`"
    if not detail.joined:
        return f"{head} · {by} · {f'<#{room.channel}>' if room.channel else where}"
    part = f"you are the {participants.part_of(room, room.name_of(who))}"
    return f"{head}\n      {outside(policy.id, 60)} · {part} · {by} · {where}"


def _result(room: WarRoom) -> str:
    return decision.in_a_line(room.decision, room) if room.decision else ""


def _head(listed: int, waiting: int, more: int) -> str:
    count = listed + more
    rooms = "A war room" if count == 1 else f"{count} war rooms"
    if waiting == listed:
        return f"{rooms} {'needs' if count == 1 else 'need'} you"
    left = "none is open any more" if count == 1 or not waiting else f"{waiting} still wait"
    if count == 1:
        left = "it is settled"
    elif more:
        left = f"of the {listed} listed, {waiting or 'none'} still wait"
    return f"{rooms} needed you: {left}"


def _first(rooms: Sequence[WarRoom]) -> str:
    open_until = [room.expires_at for room in rooms if room.decision is None]
    return f", the first by {utc(min(open_until))}" if open_until else ""


def _ended(count: int) -> str:
    return f"{'A war room' if count == 1 else f'{count} war rooms'} ended before you could be told"
