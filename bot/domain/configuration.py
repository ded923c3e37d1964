"""The configuration as it was loaded, load after load: a stream of its own that decisions cite.

Rules
- Policies and sources stand in it by digest, and are kept whole under it elsewhere; people stand
  in it one by one, so that one of them can be erased.
- A load that changes nothing is not recorded; one that does is recorded by the difference.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal, assert_never

from bot.domain.aggregate import Aggregate, Happened, Recorded, Step, Unknown
from bot.domain.person import Actor, Person
from bot.domain.personal import FreeText, Personal, PersonName
from bot.domain.refusal import Refusal, Why
from bot.domain.value import StoredValue, Value

KIND = "configuration"
STREAM_ID = "configuration"  # there is one
LOADED = "loaded"


class Load(Value):
    """A process was started with this: policies by id and sources, each by digest, and people."""

    policies: Mapping[str, str]
    sources: str
    people: tuple[Person, ...]
    started_by: str


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


Event = ConfigurationLoaded | PersonListed | PersonRemoved | Unknown


class Configuration(StoredValue):
    """What was loaded last; `listed` are the names of those who are in `people.yaml`."""

    id: str = STREAM_ID
    version: int
    policies: dict[str, str] = {}
    sources: str = ""
    people: dict[str, Person] = {}
    listed: tuple[str, ...] = ()


def decide(
    before: Configuration | None, command: Load, actor: Actor, _: None, now: datetime
) -> Step[Configuration, Event] | Refusal:
    """The step that a load leads to, or that it changes nothing."""
    state = before or Configuration(version=0)
    events = _differences(state, command)
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
    if not (changed or removed or people or sources is not None):
        return []
    loaded = ConfigurationLoaded(
        policies=changed, removed=removed, sources=sources, started_by=command.started_by
    )
    return [loaded, *people]


CONFIGURATION: Aggregate[Configuration, Load, Event] = Aggregate(
    kind=KIND,
    events=(ConfigurationLoaded, PersonListed, PersonRemoved),
    timers=frozenset(),
    evolve=evolve,
    decide=decide,
    next_timers=lambda *_: (),
    due_command=lambda *_: None,
    rules=lambda _: None,
)
