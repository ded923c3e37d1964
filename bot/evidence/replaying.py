"""Replays what was recorded, stream by stream, by the domain's own tables: who broke a rule when.

Rules
- A stream's events count from 1 without a gap. Behind a gap, or behind an event that can't be read,
  nothing more is said of the stream than how its events count.
- Whoever a stream meets is new to it, and is called by the next number. Else somebody who is there
  could be made somebody else, and what they may not do would be theirs.
- Each kind of stream has its replay. Of one that is only counted here nothing else is said.
- A policy is read from the export's documents; what cites one that isn't there is found.
- After an erasure people are p1, p2, …: who did what is replayed all the same, and only what rests
  on a value that is gone is left out. So is what rests on one that isn't what was committed to.
- What is at rest is kept packed in a file: memory grows by a few bytes a stream, and while a storm
  is open by who made each of its violations. So are the violations of a room, until it is decided.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from sys import intern
from typing import Any

from bot.domain import events as e
from bot.domain import exception as x
from bot.domain.aggregate import Recorded, Unknown
from bot.domain.clearance import CLEARANCE
from bot.domain.configuration import ConfigurationLoaded
from bot.domain.erasure import ERASURE
from bot.domain.exception import PolicyException
from bot.domain.exception_life import EXCEPTION
from bot.domain.follow_up_lifecycle import FOLLOW_UP
from bot.domain.lifecycle import WAR_ROOM
from bot.domain.makers import Maker
from bot.domain.policy import Need, Policy, ReasonRule, Rules
from bot.domain.war_room import WarRoom
from bot.evidence import (
    replaying_clearances,
    replaying_covers,
    replaying_erasures,
    replaying_exceptions,
    replaying_follow_ups,
    replaying_rooms,
)
from bot.evidence.export_lines import Document, Entry
from bot.evidence.findings import Findings, Kind
from bot.evidence.judging import Found, Held, Judged
from bot.evidence.opened import AGGREGATES_BY_KIND, Opening
from bot.evidence.replaying_loads import Loads
from bot.evidence.resting import AWAKE, Key, States
from bot.storage.records import PEOPLE, read_event, read_policy
from bot.storage.tables import SOURCES

_FAULTS: Mapping[str, Callable[[Judged], Iterator[Found]]] = {
    WAR_ROOM.kind: replaying_rooms.faults,
    EXCEPTION.kind: replaying_exceptions.faults,
    FOLLOW_UP.kind: replaying_follow_ups.faults,
    CLEARANCE.kind: replaying_clearances.faults,
    ERASURE.kind: replaying_erasures.faults,
}
# One event is all that there is of them, so nothing of their state is needed any more.
_OVER_AT_ONCE = frozenset({CLEARANCE.kind})


_HELD = "held"  # no kind of stream
_REMEMBERED = (e.Opened, e.Joined, e.Split, e.Decided, x.Granted)
_NO_REASONS = ReasonRule(approve=Need.OPTIONAL, dismiss=Need.OPTIONAL)


class Replay:
    """The streams as far as they were read, and what was found in them."""

    def __init__(self, findings: Findings, awake: int = AWAKE, loads: Loads | None = None) -> None:
        self._findings = findings
        self._loads = Loads() if loads is None else loads
        self._policies: dict[str, Policy] = {}
        self._versions: dict[str, list[Policy]] = {}
        self._documents: set[str] = set()
        self._last: dict[Key, int] = {}
        self._broken: set[Key] = set()
        self._lacking: set[str] = set()  # numbers of streams with values gone or false
        self._states = States(awake)
        self._storms: dict[str, dict[str, tuple[Maker, ...]]] = {}
        self._held = States(awake)

    def close(self) -> None:
        """End it, once all was read."""
        self._states.close()
        self._held.close()

    def document(self, document: Document) -> None:
        """A policy, or the sources, whose digest is right."""
        self._documents.add(document.digest)
        if document.kind == SOURCES:
            return
        with suppress(ValueError):  # which is found once, by who reads the file
            policy = _as_of_then(read_policy(document.kind, document.document))
            self._policies[document.digest] = policy
            self._versions.setdefault(policy.id, []).append(policy)

    def event(self, position: int, opening: Opening, *, sound: bool) -> None:
        """The next event of the log, whose payload is used up.

        One that isn't `sound` is followed, and not judged.
        """
        entry, leaf = opening.entry, opening.entry.leaf
        key = (intern(leaf.stream_kind), leaf.stream_id)
        last = self._last.get(key, 0)
        self._last[key] = leaf.seq
        if leaf.seq != last + 1:
            self._broken.add(key)
            what = f"{leaf.words} doesn't follow on event {last}"
            self._findings.add(position, Kind.SEQUENCE, what)
        if leaf.stream_kind not in AGGREGATES_BY_KIND or key in self._broken:
            return
        if opening.is_erased if entry.erased_at else not sound:
            self._lacking.add(leaf.stream_id)
        before = self._states.get(key)
        try:
            after = self._step(position, opening, before, judge=sound)
        except Exception as error:  # noqa: BLE001 - whatever a forged event makes of the tables
            self._broken.add(key)
            self._states.forget(key)
            why = str(error).splitlines()[0] if str(error) else type(error).__name__
            self._findings.add(position, Kind.TRANSITION, f"{leaf.words} has no place: {why}")
            return
        if leaf.stream_kind not in _OVER_AT_ONCE:
            self._states.keep(key, after)

    def _step(
        self,
        position: int,
        opening: Opening,
        before: Any,  # noqa: ANN401 - the state of any stream
        *,
        judge: bool,
    ) -> Any:  # noqa: ANN401
        """The stream after an event; ValueError where it has no place there."""
        entry = opening.entry
        aggregate = AGGREGATES_BY_KIND[entry.leaf.stream_kind]
        recorded = read_event(aggregate, entry.leaf, opening.payload, opening.apart, before)
        if isinstance(recorded.event, Unknown):
            raise ValueError("only a newer version knows it")  # noqa: TRY004 - it is of no kind here
        if recorded.met:
            _hold_to_first_sight(before.people if before else {}, opening, recorded)
        if judge:
            self._judge(position, entry, before, recorded)
        leaf = entry.leaf
        self._loads.take(position, leaf.stream_kind, leaf.seq, recorded.event)
        self._remember(leaf.stream_id, recorded.event)
        return aggregate.evolve(before, recorded)

    def _remember(self, room_id: str, event: object) -> None:
        """What of a room can't be told from its state: its violations, and who made a storm's."""
        if not isinstance(event, _REMEMBERED):
            return
        if isinstance(event, e.Opened) and event.is_storm:
            self._storms[room_id] = {event.violation.id: event.makers}
        elif isinstance(event, e.Joined) and room_id in self._storms:
            self._storms[room_id][event.violation.id] = event.makers
        elif isinstance(event, e.Split) and room_id in self._storms:
            for violation in event.violations:
                self._storms[room_id].pop(violation, None)
        elif isinstance(event, e.Decided):
            self._storms.pop(room_id, None)
        before = self._held_of(room_id)
        after = replaying_covers.after(before, event)
        if after is None:
            self._held.forget((_HELD, room_id))
        elif after is not before:
            self._held.keep((_HELD, room_id), after)

    def _judge(
        self,
        position: int,
        entry: Entry,
        before: Any,  # noqa: ANN401 - the state of any stream
        recorded: Recorded[Any],
    ) -> None:
        leaf = entry.leaf
        if isinstance(recorded.event, ConfigurationLoaded):
            loaded = (*recorded.event.policies.values(), recorded.event.sources)
            for digest in (each for each in loaded if each and each not in self._documents):
                what = f"{leaf.words} loads {digest}, which is no document of the export"
                self._findings.add(position, Kind.CITED, what)
        faults = _FAULTS.get(leaf.stream_kind)
        if faults is None:
            return
        judged = Judged(
            stream_id=leaf.stream_id,
            before=before,
            recorded=recorded,
            rules=self._rules,
            room=self._room,
            exception=self._exception,
            made=self._storms.get(leaf.stream_id, {}),
            schema=leaf.schema,
            versions=self._of_id,
            held=self._held_of,
        )
        for found in faults(judged):
            if leaf.stream_id not in self._lacking or not found.rests_on_values:
                self._findings.add(position, found.kind, f"{leaf.words}: {found.what}")

    def _rules(self, digest: str) -> Rules | None:
        policy = self._policies.get(digest)
        return Rules(policy, digest) if policy else None

    def _of_id(self, policy_id: str) -> Sequence[Policy]:
        return self._versions.get(policy_id, ())

    def _room(self, room_id: str) -> WarRoom | None:
        state = self._states.get((WAR_ROOM.kind, room_id))
        return state if isinstance(state, WarRoom) else None

    def _held_of(self, room_id: str) -> Held | None:
        held = self._held.get((_HELD, room_id))
        return held if isinstance(held, Held) else None

    def _exception(self, exception_id: str) -> PolicyException | None:
        state = self._states.get((EXCEPTION.kind, exception_id))
        return state if isinstance(state, PolicyException) else None


def _as_of_then(policy: Policy) -> Policy:
    """A policy from before there were rules for reasons has none, and not today's."""
    return policy if "reasons" in policy.model_fields_set else policy.but(reasons=_NO_REASONS)


def _hold_to_first_sight(known: Collection[str], opening: Opening, recorded: Recorded[Any]) -> None:
    """ValueError where a stream that knows so many names meets somebody again."""
    references = list(opening.payload[PEOPLE])
    if references != [f"p{len(known) + number}" for number in range(1, len(references) + 1)]:
        raise ValueError(f"it meets {', '.join(references)}, and knows {len(known)} people")
    names = {person.name for person in recorded.met}
    if len(names) != len(recorded.met) or not names.isdisjoint(known):
        raise ValueError("whom it meets it knows already")
