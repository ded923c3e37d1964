"""Events as rows and back: the bytes of what happened, and beside them what is personal.

Rules
- The bytes hold the event, the state it led to, and commitments: to whom the stream meets for the
  first time, to the account that was acted with, and to what is personal in the event.
- In them people are `p1`, `p2`, … by first sight in their stream.
- Where a field of the event stands that the writer didn't know, they say by the keys that lead to
  it (`unread`): its value is apart too, since it may be anybody's.
- What an older version wrote is brought up to date as it is read (`UPCASTERS`); what a newer one
  wrote and this one doesn't know is read as `Unknown`. Neither changes a stored byte.
- Beside what is personal stands when something of it was last erased (`erased`).
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, Protocol

from pydantic import BaseModel
from pydantic_core import to_json

from bot.domain.aggregate import Aggregate, Happened, Recorded, Streamed, Unknown, kind_of
from bot.domain.person import SLACK, Person, account
from bot.domain.policy import Policy, Roster
from bot.storage.older_events import UPCASTERS
from bot.storage.personal import (
    Apart,
    Plan,
    canonical,
    marked,
    path_of,
    plan_of,
    separate,
    set_apart,
    together,
)

PEOPLE, ACCOUNT, EVENT, UNREAD = "people", "account", "event", "unread"
ERASED_AT = "erased"  # no path: those begin with one of the first three
_DIGITS_MOST = 9  # of a reference's number
POLICY_OF_SLACK_IDS = "policy_of_slack_ids"  # a policy's document before people had names


class Placed(Protocol):
    """What stands of an event beside its bytes."""

    @property
    def seq(self) -> int:
        """Its number in its stream."""

    @property
    def at(self) -> datetime:
        """When it happened."""

    @property
    def actor(self) -> str:
        """Who did it: a reference, or a part of the bot."""

    @property
    def kind(self) -> str:
        """What happened."""

    @property
    def schema(self) -> int:
        """The number of its shape."""


class EventRow(Placed, Protocol):
    """A row of `events`, as far as reading needs it."""

    payload: str
    personal: str | None


def event_row(
    kind: str, after: Streamed, recorded: Recorded[Any], delivery: str | None
) -> dict[str, Any]:
    """The row of an event of a stream of this kind; `after` is the stream with this event in it.

    `delivery` is what somebody sent in that led to it.
    """
    event: BaseModel = recorded.event
    refs = {name: reference for reference, name in _references(after)}
    apart: Apart = {}
    payload: dict[str, Any] = {"state": recorded.state}
    if recorded.met:
        payload[PEOPLE] = {
            reference: set_apart(value, f"{PEOPLE}.{reference}", apart, text)
            for reference, (value, text) in (
                (refs[person.name], _of_person(person)) for person in recorded.met
            )
        }
    if recorded.account:
        payload[ACCOUNT] = set_apart(recorded.account, ACCOUNT, apart)
    content = event.model_dump(mode="json")
    payload[EVENT], unread = separate(content, plan_of(type(event)), refs, apart, EVENT)
    if unread:
        payload[UNREAD] = unread
    return {
        "stream_kind": kind,
        "stream_id": after.id,
        "seq": recorded.seq,
        "at": recorded.at,
        "actor": refs.get(recorded.actor, recorded.actor),
        "kind": content["kind"],
        "schema": recorded.event.schema_number,
        "payload": to_json(payload).decode(),
        "personal": to_json(apart).decode() if apart else None,
        "delivery": delivery,
    }


@lru_cache(maxsize=1024)
def _of_person(person: Person) -> tuple[dict[str, Any], bytes]:
    """What stands apart of somebody, and its canonical bytes: each room meets the same people."""
    value = person.model_dump(mode="json", exclude_none=True)
    return value, canonical(value)


def _references(stream: Streamed) -> Iterator[tuple[str, str]]:
    """What each person is called in the bytes, and their name."""
    return ((f"p{number}", name) for number, name in enumerate(stream.people, start=1))


def read_stream(
    aggregate: Aggregate[Any, Any, Any], rows: Iterable[EventRow], known: Streamed | None = None
) -> Iterator[Recorded[Any]]:
    """The events of one stream: from its first on, or any, where the stream is known already."""
    names = _Names(known)
    for row in rows:
        apart: Apart = json.loads(row.personal) if row.personal else {}
        yield _recorded(aggregate, row, json.loads(row.payload), apart, names)


def read_event(
    aggregate: Aggregate[Any, Any, Any],
    row: Placed,
    payload: dict[str, Any],
    apart: Apart,
    known: Streamed | None,
) -> Recorded[Any]:
    """An event whose bytes and values were parsed already; `payload` is used up."""
    return _recorded(aggregate, row, payload, apart, _Names(known))


class _Names:
    """Whom a reference in the bytes means: those whom the stream knows, and whom it meets."""

    def __init__(self, known: Streamed | None) -> None:
        # A name for each reference in their order, and not the other way round: who reads one
        # event of a room with many people needs a few of them.
        self._known = list(known.people) if known else []
        self._met: dict[str, str] = {}

    def meet(self, reference: str, name: str) -> None:
        """Somebody more."""
        self._met[reference] = name

    def __call__(self, reference: str) -> str:
        """Their name, or what was given where it is nobody's reference."""
        if reference in self._met:
            return self._met[reference]
        number = reference[1:]
        if reference[:1] == "p" and number.isdecimal() and len(number) <= _DIGITS_MOST:
            place = int(number)
            if 0 < place <= len(self._known) and reference == f"p{place}":
                return self._known[place - 1]
        return reference


def _recorded(
    aggregate: Aggregate[Any, Any, Any],
    row: Placed,
    payload: dict[str, Any],
    apart: Apart,
    names: _Names,
) -> Recorded[Any]:
    met = []
    for reference in payload.get(PEOPLE, ()):
        person = _person(reference, apart)
        names.meet(reference, person.name)
        met.append(person)
    account = apart.get(ACCOUNT)
    return Recorded(
        seq=row.seq,
        at=row.at,
        actor=names(row.actor),
        event=_event(aggregate, row, payload, names, apart),
        state=payload["state"],
        account=account[1] if account else None,
        met=tuple(met),
    )


def personal_paths(
    aggregate: Aggregate[Any, Any, Any] | None, kind: str, schema: int, payload: Mapping[str, Any]
) -> list[str]:
    """The paths at which an event's bytes have a commitment, as far as its class is known here.

    TypeError where `people` or `unread` are in no form that an event has.
    """
    paths = [path_of(PEOPLE, (reference,)) for reference in payload.get(PEOPLE, ())]
    if payload.get(ACCOUNT) is not None:
        paths.append(ACCOUNT)
    paths += [path_of(EVENT, keys) for keys in payload.get(UNREAD, ())]
    known = _class(aggregate, kind, schema)
    if known:
        paths += marked(payload.get(EVENT), _plan(known, kind, schema), EVENT)
    return paths


def is_known(aggregate: Aggregate[Any, Any, Any] | None, kind: str, schema: int) -> bool:
    """Whether events of this kind, in this shape, have a class here: then all their paths do."""
    return _class(aggregate, kind, schema) is not None


def _class(
    aggregate: Aggregate[Any, Any, Any] | None, kind: str, schema: int
) -> type[Happened] | None:
    known = _by_kind(aggregate.events).get(kind) if aggregate else None
    return known if known and schema <= known.schema_number else None


def read_policy(kind: str, document: str) -> Policy:
    """A policy from its document, which is of one of the kinds that policies ever had."""
    policy = Policy.read(document)
    if kind != POLICY_OF_SLACK_IDS:
        return policy

    def by_account(roster: Roster) -> Roster:
        return roster.but(
            members=tuple(account(SLACK, user) for user in roster.members),
            backups=tuple(account(SLACK, user) for user in roster.backups),
        )

    validator, adjudicator = by_account(policy.validator), by_account(policy.adjudicator)
    return policy.but(validator=validator, adjudicator=adjudicator)


def _person(reference: str, apart: Apart) -> Person:
    """Whom a stream met; of somebody erased there is left that they are one person."""
    value = apart.get(f"{PEOPLE}.{reference}")
    return Person.read(value[1]) if value else Person(name=reference)


def _plan(known: type[Happened], kind: str, schema: int) -> Plan:
    older = UPCASTERS.get((kind, schema))
    return older.plan if older else plan_of(known)


@cache
def _by_kind(events: tuple[type[Happened], ...]) -> Mapping[str, type[Happened]]:
    return {kind_of(event): event for event in events}


def _event(
    aggregate: Aggregate[Any, Any, Any],
    row: Placed,
    payload: dict[str, Any],
    names: _Names,
    apart: Apart,
) -> Any:  # noqa: ANN401 - an event of the aggregate, or `Unknown`
    content = payload[EVENT]
    known = _by_kind(aggregate.events).get(row.kind)
    if known is None or row.schema > known.schema_number:
        return Unknown(kind=row.kind, content=content)
    older = UPCASTERS.get((row.kind, row.schema))
    plan, unread = _plan(known, row.kind, row.schema), payload.get(UNREAD, ())
    content = together(content, plan, names, apart, EVENT, unread)
    schema = row.schema
    while older:
        content, schema = older.upgrade(content), schema + 1
        older = UPCASTERS.get((row.kind, schema))
    return known.read(content)
