"""The configuration as it was loaded, load after load: a stream of its own that decisions cite.

Rules
- Policies and sources stand in it by digest, and are kept whole under it elsewhere; people stand
  in it one by one, so that one of them can be erased.
- A load that changes nothing is not recorded; one that does is recorded by the difference.
- Whom an import gives stands in it too, by source and as accounts that are one human's, each human
  apart. An import that changes nothing is not recorded.
- An import that is empty, or has a tenth fewer people than the last, changes nothing, unless
  somebody accepts it. What came from a source goes when the source is configured no more.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Literal, assert_never

from bot.domain.aggregate import Aggregate, Happened, Recorded, Step, Unknown
from bot.domain.count import counted
from bot.domain.person import Actor, Person
from bot.domain.personal import FreeText, Personal, PersonName
from bot.domain.refusal import Refusal, Why
from bot.domain.value import StoredValue, Value

KIND = "configuration"
STREAM_ID = "configuration"  # there is one
LOADED = "loaded"
SHRUNK_BY = 10  # an import that has lost one in so many is not believed
HUMANS_AT_ONCE = 1000  # in one event

Human = tuple[str, ...]  # the accounts of one human, the surest first


class Load(Value):
    """A process was started with this: policies by id and sources, each by digest, and people."""

    policies: Mapping[str, str]
    sources: str
    people: tuple[Person, ...]
    started_by: str
    imports: tuple[str, ...] = ()


class ImportPeople(Value):
    """A source gives these humans, each by accounts; `accepted_by` takes fewer of them, too."""

    source: str
    humans: tuple[Human, ...]
    accepted_by: str | None = None


Command = Load | ImportPeople


class ConfigurationLoaded(Happened):
    """Policies that are new or changed, those that are gone, and the sources where they changed."""

    kind: Literal["configuration_loaded"] = "configuration_loaded"
    policies: dict[str, str]
    removed: tuple[str, ...] = ()
    sources: str | None = None
    started_by: FreeText


class PersonListed(Happened):
    """The configuration names somebody, or names them with other accounts than before."""

    kind: Literal["person_listed"] = "person_listed"
    name: PersonName
    accounts: Annotated[tuple[str, ...], Personal(erased=[])]
    team: str | None = None


class PersonRemoved(Happened):
    """The configuration names somebody no more."""

    kind: Literal["person_removed"] = "person_removed"
    name: PersonName


class Claimed(StoredValue):
    """The accounts of one human, as an import gave them."""

    accounts: Annotated[tuple[str, ...], Personal(erased=[])]


class PeopleImported(Happened):
    """An import gives humans whom it did not give before, and some no more.

    Each has a number of their own: the first of the `claimed` has `first`, and the others follow.
    """

    kind: Literal["people_imported"] = "people_imported"
    source: str
    first: int
    claimed: tuple[Claimed, ...] = ()
    released: tuple[int, ...] = ()
    accepted_by: FreeText | None = None


Event = ConfigurationLoaded | PersonListed | PersonRemoved | PeopleImported | Unknown


class Configuration(StoredValue):
    """What was loaded last; `listed` are the names of those who are in `people.yaml`.

    `imported` are the humans of each source by their numbers, of which `numbered` is the last that
    was given.
    """

    id: str = STREAM_ID
    version: int
    policies: dict[str, str] = {}
    sources: str = ""
    people: dict[str, Person] = {}
    listed: tuple[str, ...] = ()
    imported: dict[str, dict[int, Human]] = {}
    numbered: int = 0

    @property
    def humans(self) -> Iterator[Human]:
        """Everybody whom any source gives."""
        return (human for each in self.imported.values() for human in each.values())

    def differs_from(self, load: Load) -> bool:
        """Whether something else was loaded last than this."""
        return bool(_differences(self, load))


def decide(
    before: Configuration | None, command: Command, actor: Actor, _: None, now: datetime
) -> Step[Configuration, Event] | Refusal:
    """The step that a load or an import leads to, or why it changes nothing."""
    state = before or Configuration(version=0)
    events: list[Event] = []
    if isinstance(command, Load):
        events = _differences(state, command)
    elif refusal := too_few(state, command):
        return refusal
    else:
        events += _imported(state, command)
    if not events:
        return Refusal(Why.NOTHING_TO_DO, "The configuration is the one that was loaded last.")
    recorded: list[Recorded[Event]] = []
    for event in events:
        new = isinstance(event, PersonListed) and event.name not in state.people
        recorded.append(
            Recorded(
                seq=state.version + 1,
                at=now,
                actor=actor.person.name,
                event=event,
                state=LOADED,
                met=(Person(name=event.name),) if new and isinstance(event, PersonListed) else (),
            )
        )
        state = evolve(state, recorded[-1])
    return Step(state, tuple(recorded))


def evolve(before: Configuration | None, recorded: Recorded[Event]) -> Configuration:
    """The configuration after `recorded`; ValueError when the event is out of order."""
    state = before or Configuration(version=0)
    if recorded.seq != state.version + 1:
        raise ValueError(f"event {recorded.seq} does not follow on {state.version}")
    met = {person.name: person for person in recorded.met}
    state = state.but(version=recorded.seq, people=state.people | met)
    event = recorded.event
    match event:
        case ConfigurationLoaded():
            policies = state.policies | event.policies
            return state.but(
                policies={name: policies[name] for name in policies.keys() - {*event.removed}},
                sources=state.sources if event.sources is None else event.sources,
            )
        case PersonListed():
            person = Person(name=event.name, accounts=event.accounts, team=event.team)
            listed = dict.fromkeys((*state.listed, event.name))
            return state.but(people=state.people | {event.name: person}, listed=tuple(listed))
        case PersonRemoved():
            return state.but(listed=tuple(name for name in state.listed if name != event.name))
        case PeopleImported():
            return _with_imported(state, event)
        case Unknown():
            return state
    assert_never(event)


def _differences(state: Configuration, command: Load) -> list[Event]:
    changed = {
        name: digest
        for name, digest in command.policies.items()
        if state.policies.get(name) != digest
    }
    removed = tuple(name for name in state.policies if name not in command.policies)
    sources = None if command.sources == state.sources else command.sources
    people: list[Event] = [
        PersonListed(name=person.name, accounts=person.accounts, team=person.team)
        for person in command.people
        if person.name not in state.listed or state.people[person.name] != person
    ]
    named = {person.name for person in command.people}
    people += [PersonRemoved(name=name) for name in state.listed if name not in named]
    people += [
        PeopleImported(source=source, first=state.numbered + 1, released=tuple(humans))
        for source, humans in state.imported.items()
        if source not in command.imports
    ]
    if not (changed or removed or people or sources is not None):
        return []
    loaded = ConfigurationLoaded(
        policies=changed, removed=removed, sources=sources, started_by=command.started_by
    )
    return [loaded, *people]


def too_few(state: Configuration, command: ImportPeople) -> Refusal | None:
    """The refusal of an import that gives too few to be believed, unless somebody accepts it."""
    before, found = len(state.imported.get(command.source, ())), len(command.humans)
    if command.accepted_by is not None:
        return None
    if not found:
        return Refusal(Why.INVALID, "found nobody, need at least one person")
    if (before - found) * SHRUNK_BY >= before > 0:
        given = f"found {counted(found, 'person', 'people')}"
        message = f"{given}, need more than nine tenths of the last {before}"
        return Refusal(Why.NOT_ALLOWED, message)
    return None


def _imported(state: Configuration, command: ImportPeople) -> Iterator[PeopleImported]:
    """How an import differs from the last of its source, some humans an event."""
    held, wanted = state.imported.get(command.source, {}), dict.fromkeys(command.humans)
    known = set(held.values())
    new = [human for human in wanted if human not in known]
    gone = tuple(number for number, human in held.items() if human not in wanted)
    for start in range(0, max(len(new), 1 if gone else 0), HUMANS_AT_ONCE):
        yield PeopleImported(
            source=command.source,
            first=state.numbered + start + 1,
            claimed=tuple(Claimed(accounts=human) for human in new[start : start + HUMANS_AT_ONCE]),
            released=() if start else gone,
            accepted_by=command.accepted_by,
        )


def _with_imported(state: Configuration, event: PeopleImported) -> Configuration:
    gone = set(event.released)
    held = state.imported.get(event.source, {})
    held = {number: human for number, human in held.items() if number not in gone}
    held |= enumerate((claimed.accounts for claimed in event.claimed), start=event.first)
    others = {source: each for source, each in state.imported.items() if source != event.source}
    return state.but(
        imported=others | ({event.source: held} if held else {}),
        numbered=max(state.numbered, event.first + len(event.claimed) - 1),
    )


CONFIGURATION: Aggregate[Configuration, Command, Event] = Aggregate(
    kind=KIND,
    events=(ConfigurationLoaded, PersonListed, PersonRemoved, PeopleImported),
    timers=frozenset(),
    evolve=evolve,
    decide=decide,
    next_timers=lambda *_: (),
    due_command=lambda *_: None,
    rules=lambda _: None,
)
