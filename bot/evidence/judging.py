"""What a replay is asked of one event, and how a domain's refusal is named as a finding."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.aggregate import Recorded
from bot.domain.exception import PolicyException
from bot.domain.makers import Maker
from bot.domain.person import SLACK, Person
from bot.domain.personal import ERASED
from bot.domain.policy import Policy, Rules
from bot.domain.refusal import Refusal, Why
from bot.domain.value import StoredValue
from bot.domain.violation import Report, Violation
from bot.domain.war_room import WarRoom
from bot.evidence.findings import Kind


class Held(StoredValue):
    """A room's violations, whole, until it is decided; none where they are too many."""

    violations: tuple[Violation, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """An event of a stream, and its state before it; None before its first.

    `schema` is the number of the form in which it was written: what an older one didn't say isn't
    there to be judged.
    `rules` gives a policy by its digest, `room` a war room and `exception` an exception as they are
    by now: what one transaction has written stands in the log in its order, the decision before its
    exception, and what befalls an exception before its room tells of it. `made` says of a storm's
    room who was behind each violation that came into it, as far as that was known then.
    `versions` gives all policies that have an id, whenever they were loaded.
    """

    stream_id: str
    before: Any
    recorded: Recorded[Any]
    rules: Callable[[str], Rules | None]
    room: Callable[[str], WarRoom | None]
    exception: Callable[[str], PolicyException | None]
    made: Mapping[str, tuple[Maker, ...]]
    schema: int
    versions: Callable[[str], Sequence[Policy]]
    held: Callable[[str], Held | None]


@dataclass(frozen=True, slots=True)
class Found:
    """What is wrong with an event.

    `rests_on_values`: it can't be said where a value was erased, of the stream or of what has its
    number: names of the one lead to names of the other.
    """

    kind: Kind
    what: str
    rests_on_values: bool = False


_KINDS: Mapping[Why, Kind] = {
    Why.DECIDED: Kind.SECOND_DECISION,
    Why.OWN_VIOLATION: Kind.OWN_VIOLATION,
    Why.NOT_ALLOWED: Kind.NOT_ENTITLED,
    Why.NOT_KNOWN: Kind.NOT_ENTITLED,
    Why.LAPSED: Kind.NOT_ENTITLED,
    Why.NOTHING_TO_DO: Kind.TRANSITION,
}


def refused(refusal: Refusal) -> Found:
    """A refusal of the domain as what was found."""
    kind = _KINDS.get(refusal.why, Kind.DECISION)
    if refusal.field == "validity":
        kind = Kind.OVER_MAXIMUM
    # Who is in a group, or listed, is known by names alone.
    by_names = kind is Kind.DECISION or refusal.why is Why.NOT_KNOWN
    return Found(kind, refusal.message, rests_on_values=by_names)


def text_or(text: str, least: int) -> str:
    """A text that was given, or where it was erased one that is long enough."""
    return "x" * max(1, least) if text == ERASED else text


def reported(report: Report, persons: Iterable[Person]) -> list[str]:
    """Those whom a report names by a Slack account, of which it is always known whose it is."""
    made_by = {
        each.account
        for human in (report.initiator, *report.contributors)
        for each in human.identities
        if each.account.startswith(f"{SLACK}:")
    }
    return [person.name for person in persons if not made_by.isdisjoint(person.accounts)]
