"""Replays who made a change: whom its report names is behind it, and acts as nobody else.

Rules
- A change has somebody behind it, and who is known has a name.
- Whoever of those in the room has an account that was reported is among those who made it.
- Before events had everybody who is behind a change they had one person: whoever has the surest
  account that was reported, of those that somebody in the room has.
- With an account of somebody who made it nobody else acts, and nobody else comes in.
- What the configuration and Slack knew of an account isn't in the room's record: whom else it says
  to have made the change is taken as it is said.
"""

from collections.abc import Collection, Iterable, Iterator

from bot.domain import events as e
from bot.domain.aggregate import Recorded
from bot.domain.makers import Maker, accounts_of, names_of
from bot.domain.person import SYSTEMS, Person, account
from bot.domain.violation import Initiator, Report
from bot.domain.war_room import WarRoom
from bot.evidence.findings import Kind
from bot.evidence.judging import Found


def opening(event: e.Opened, met: tuple[Person, ...], schema: int) -> Iterator[Found]:
    """What is wrong with who is behind the violation that opens a room."""
    names = names_of(event.makers, {})
    if schema < e.Opened.schema_number:
        yield from _another(_one_by(event.violation.report.initiator, met), names)
        return
    yield from _incomplete(event.makers)
    if strangers := set(names).difference(person.name for person in met):
        yield Found(Kind.DECISION, f"it was made by {_listed(strangers)}, whom it doesn't know")
    yield from _another(_behind(event.makers, event.violation.report, met), names)


def joined(room: WarRoom, event: e.Joined, met: tuple[Person, ...], schema: int) -> Iterator[Found]:
    """What is wrong with who is behind a violation that joins a room.

    Whoever made what is there already is behind it, whatever it says of what joins; but what joined
    a storm can leave it again.
    """
    already = () if room.is_storm else room.initiators
    names = (*already, *names_of(event.makers, room.owners))
    people = (*room.people.values(), *met)
    if schema < e.Joined.schema_number:
        yield from _another(_one_by(event.violation.report.initiator, people), names)
        return
    yield from _incomplete(event.makers)
    yield from _another(_behind(event.makers, event.violation.report, people), names)


def acting(room: WarRoom, recorded: Recorded[e.Event]) -> Iterator[Found]:
    """What is wrong with whose account it was done with, and whom the room meets by it."""
    if recorded.account is None and not recorded.met:
        return
    made = {account for name in room.initiators for account in room.person(name).accounts}
    if recorded.account in made and recorded.actor not in room.initiators:
        what = f"{recorded.actor} has acted with an account of somebody who made the change"
        yield Found(Kind.OWN_VIOLATION, what, True)
    for person in recorded.met:
        if not made.isdisjoint(person.accounts):
            what = f"{person.name} has an account of somebody who made the change"
            yield Found(Kind.OWN_VIOLATION, what, True)


def _incomplete(makers: tuple[Maker, ...]) -> Iterator[Found]:
    if not makers:
        yield Found(Kind.DECISION, "nobody is behind the change")
    if any(maker.known and not maker.names for maker in makers):
        yield Found(Kind.DECISION, "somebody who made the change is known, and has no name")


def _behind(makers: tuple[Maker, ...], report: Report, people: Iterable[Person]) -> frozenset[str]:
    """Those of the people, by name, who have an account that was reported or is a maker's."""
    reported = {
        identity.account
        for human in (report.initiator, *report.contributors)
        for identity in human.identities
        if not identity.is_nobody
    }
    accounts = reported.union(accounts_of(makers))
    return frozenset(each.name for each in people if not accounts.isdisjoint(each.accounts))


def _one_by(initiator: Initiator, people: Collection[Person]) -> frozenset[str]:
    """Whoever has the surest of an initiator's accounts that any of the people has."""
    for system in SYSTEMS:
        given = getattr(initiator, system)
        theirs = account(system, given) if given else None
        if found := frozenset(each.name for each in people if theirs in each.accounts):
            return found
    return frozenset()


def _another(behind: Collection[str], names: Collection[str]) -> Iterator[Found]:
    if missing := set(behind).difference(names):
        what = f"{_listed(missing)} has made the change, and isn't among those who made it"
        yield Found(Kind.OWN_VIOLATION, what, True)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
