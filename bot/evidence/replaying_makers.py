"""Replays who made a change: whom its report names is behind it, and acts as nobody else.

Rules
- A change has somebody behind it, and who is known has a name.
- Whoever of those in the room has an account that was reported is among those who made it.
- With an account of somebody who made it nobody else acts, and nobody else comes in.
- What the configuration and Slack knew of an account isn't in the room's record: whom else it says
  to have made the change is taken as it is said.
"""

from collections.abc import Iterable, Iterator

from bot.domain import events as e
from bot.domain.aggregate import Recorded
from bot.domain.makers import Maker, accounts_of, names_of
from bot.domain.person import Person
from bot.domain.violation import Report
from bot.domain.war_room import WarRoom
from bot.evidence.findings import Kind
from bot.evidence.judging import Found


def opening(event: e.Opened, met: tuple[Person, ...]) -> Iterator[Found]:
    """What is wrong with who is behind the violation that opens a room."""
    yield from _incomplete(event.makers)
    names = names_of(event.makers, {})
    if strangers := set(names).difference(person.name for person in met):
        yield Found(Kind.DECISION, f"it was made by {_listed(strangers)}, whom it doesn't know")
    yield from _unlike(event.makers, event.violation.report, names, met)


def joined(room: WarRoom, event: e.Joined, met: tuple[Person, ...]) -> Iterator[Found]:
    """What is wrong with who is behind a violation that joins a room.

    Whoever made what is there already is behind it, whatever it says of what joins; but what joined
    a storm can leave it again.
    """
    yield from _incomplete(event.makers)
    already = () if room.is_storm else room.initiators
    names = (*already, *names_of(event.makers, room.owners))
    people = (*room.people.values(), *met)
    yield from _unlike(event.makers, event.violation.report, names, people)


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


def _unlike(
    makers: tuple[Maker, ...], report: Report, names: Iterable[str], people: Iterable[Person]
) -> Iterator[Found]:
    reported = {
        identity.account
        for human in (report.initiator, *report.contributors)
        for identity in human.identities
        if not identity.is_nobody
    }
    accounts = reported.union(accounts_of(makers))
    behind = {person.name for person in people if not accounts.isdisjoint(person.accounts)}
    if missing := behind.difference(names):
        what = f"{_listed(missing)} has made the change, and isn't among those who made it"
        yield Found(Kind.OWN_VIOLATION, what, True)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
