"""A person is erased: found, refused while something holds them, taken, recorded and told.

Rules
- Nobody is erased who has a part in what is open, active, owed or under a legal hold (be it that
  somebody else in it is held), who is held themselves, or who would come back: whom the
  configuration lists, in its files or as loaded last.
- All of it is one transaction, the record of it too. What an erasure does, `storage.erasing` knows.
- The adjudicators of the rooms' policies are told, by the configuration as it is now; where it
  doesn't know the policy, or a user group has the role, whoever was on duty in the room.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import reduce

from sqlalchemy import Connection, select

from bot.domain.configuration import CONFIGURATION, STREAM_ID, Configuration
from bot.domain.count import counted
from bot.domain.effect import TELLS_ERASED, Effect
from bot.domain.erasure import ERASURE, Erase, Erased, ErasedFor
from bot.domain.lifecycle import WAR_ROOM
from bot.domain.person import Actor, Person
from bot.domain.policy import Role
from bot.domain.somebody import Somebody
from bot.domain.war_room import WarRoom
from bot.engine.engine import Engine
from bot.engine.ids import new_id
from bot.policies.people import Directory
from bot.storage import tables as t
from bot.storage.erasing import Found, erase, everything_known, lock_views, of_person
from bot.storage.held import held
from bot.storage.holds import in_force
from bot.storage.parts import open_parts
from bot.storage.records import read_stream
from bot.storage.rows import VIEWS
from bot.storage.transaction import Transaction

ROOMS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Looked:
    """Whom it is about, what would go, and what holds them, a few words each."""

    who: Somebody
    found: Found
    obstacles: tuple[str, ...]


def look(connection: Connection, given: str, people: Directory, now: datetime) -> Looked:
    """What an erasure of somebody, by a name or an account, would take."""
    who = everything_known(connection, Somebody.called(given))
    listed = people.people.get(given)
    if listed:  # who stands in the file, and in no record yet
        who = who.with_more([listed.name], listed.accounts)
    found = of_person(connection, who, now)
    obstacles = (
        *_held(connection, who, found),
        *_listed(connection, who, people),
        *open_parts(connection, who, now),
    )
    return Looked(who, found, obstacles)


async def erase_person(engine: Engine, given: str, order: str, actor: Actor) -> Looked:
    """Erase somebody, unless something holds them. DatabaseUnavailableError, NewerEventError."""

    def in_one(transaction: Transaction) -> Looked:
        connection = transaction.connection
        lock_views(connection)
        looked = look(connection, given, engine.config.people, transaction.now)
        if not looked.obstacles and looked.found.values:
            take(engine, transaction, looked.found, ErasedFor.PERSON, order, actor)
        return looked

    return await engine.write(in_one)


def take(
    engine: Engine,
    transaction: Transaction,
    found: Found,
    erased_for: ErasedFor,
    order: str,
    actor: Actor,
) -> Erased:
    """Have what was found erased and recorded; the views have to be locked.

    Adjudicators are told of a person's.
    """
    rooms = found.of_kind(WAR_ROOM.kind)
    erase(transaction.connection, found)
    erased = Erased(
        erasure_id=new_id(10),
        erased_for=erased_for,
        order=order,
        values=found.values,
        events=len(found.rows),
        rooms=len(rooms),
        streams=len(found.streams),
        violations=len(found.besides.violations),
    )
    command = Erase(erased=erased)
    engine.streams.apply(transaction, ERASURE, erased.erasure_id, command, actor)
    if erased_for is ErasedFor.RETENTION:  # which everybody knows from the configuration
        return erased
    for user, policies in _adjudicators(engine, transaction.connection, rooms).items():
        payload = {
            "user": user,
            "erasure": erased.erasure_id,
            "policies": "\n".join(sorted(policies)),
        }
        effect = Effect(kind=TELLS_ERASED, lane=f"dm:{user}", payload=payload, shared=True)
        engine.add_effect(transaction, None, effect)
    return erased


def _held(connection: Connection, who: Somebody, found: Found) -> Iterator[str]:
    for hold in in_force(connection):
        if hold.held and who.is_person(hold.held):
            yield f"legal hold {hold.id} holds them"
    for stream, hold in held(connection, found.streams):
        if hold.held is None:
            yield f"war room {stream.id} is under legal hold {hold.id}"
        elif not who.is_person(hold.held):
            where = f"{stream.kind.replace('_', ' ')} {stream.id}"
            yield f"legal hold {hold.id} holds somebody who is in {where}"


def _listed(connection: Connection, who: Somebody, people: Directory) -> Iterator[str]:
    for person in filter(who.is_person, people.people.values()):
        yield f"people.yaml lists {person.name}"
    loaded = _loaded(connection)
    if not any(map(who.is_person, people.people.values())):
        for name in loaded.listed:
            if who.is_person(loaded.people.get(name) or Person(name=name)):
                yield f"a bot that runs has loaded {name} from people.yaml: reload it"
    for source, humans in loaded.imported.items():
        if any(who.is_one_with("", human) for human in humans.values()):
            yield f"{source} gives them: import again once it doesn't"


def _loaded(connection: Connection) -> Configuration:
    c = t.events.c
    question = select(t.events).where(c.stream_kind == CONFIGURATION.kind, c.stream_id == STREAM_ID)
    rows = connection.execute(question.order_by(c.seq))
    evolve: Callable[..., Configuration] = CONFIGURATION.evolve
    none: Configuration | None = None
    return reduce(evolve, read_stream(CONFIGURATION, rows), none) or Configuration(version=0)


def _adjudicators(
    engine: Engine, connection: Connection, rooms: list[str]
) -> dict[str, dict[str, None]]:
    """Whom to tell, by their Slack ids, and of which policies, by their titles."""
    told: dict[str, dict[str, None]] = {}
    for start in range(0, len(rooms), ROOMS_AT_ONCE):
        asked = {"of_ids": rooms[start : start + ROOMS_AT_ONCE]}
        for row in connection.execute(VIEWS[WAR_ROOM.kind].several, asked):
            room: WarRoom = WarRoom.read(row.document)
            policy = engine.config.policies.get(room.policy_id)
            people = engine.config.people.people
            named = policy.adjudicator.members if policy else ()
            persons = [people.get(name) or Person(name=name) for name in named]
            if not persons and (on_duty := room.assignment(Role.ADJUDICATOR).on_duty):
                persons = [room.person(on_duty)]
            for user in (person.slack for person in persons):
                if user:
                    title = policy.title if policy else room.policy_id
                    told.setdefault(user, {})[title] = None
    return told


def summary(found: Found) -> str:
    """What goes, in words."""
    rooms = counted(len(found.of_kind(WAR_ROOM.kind)), "war room")
    values, events = counted(found.values, "value"), counted(len(found.rows), "event")
    others = len(found.streams) - len(found.of_kind(WAR_ROOM.kind))
    parts = [f"{values} of {events} in {rooms} and {counted(others, 'other stream')}"]
    besides = found.besides
    parts.append(f"the documents of {counted(len(besides.violations), 'violation')}")
    if besides.effects:
        parts.append(f"{counted(len(besides.effects), 'message')} that wait to be delivered")
    return ", ".join(parts)
