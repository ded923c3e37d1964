"""What has to be 0: each count is the list of what is wrong, in the order of the table.

Rules
- Lost: accepted with 202 and not in the database, or not in the room that was answered; or in a
  room that counts another number than it settles.
- Stored twice: one delivery with two rows, or with two different answers.
- Without a channel: the room names none, or one that Slack does not have.
- Channels twice: two channels of ours for one room, or one for no room.
- A decision is one event of that kind; more or none is wrong. A fold differs where the record's
  fold is not the row's document, or the row's columns are not the document's.
- Changed: a gate said `allow` or `block`, and another time something else.
- Clicks lost: the bot acknowledged a decision to Slack, and neither it nor an earlier one is on
  record by then. At the window's end the clock may be the one that decides, a moment later.
- Wrong in the log: an event without a leaf, or with another one than its bytes give, or a tree that
  is not over those leaves.
- Stopped by a constraint alone: the database refused a second event in the same place of a
  record, or a second decision, so that the version check had let a writer through. It never does:
  who comes second finds another version. Only PostgreSQL's log tells.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from bot.domain.channel_names import channel_name
from bot.domain.fold import fold
from bot.domain.war_room import Outcome
from tests.chaos.evidence import Evidence

_COLLISION = re.compile(
    r'duplicate key value violates unique constraint "'
    r'(uq_events_stream_kind_stream_id_seq|uq_events_decision)"'
)


def violations_lost(seen: Evidence) -> Iterator[str]:
    """Accepted, and not there."""
    stored = {row.id for row in seen.violations}
    for delivery, answer in seen.pipelines.accepted.items():
        if not answer.done():
            yield f"{delivery}: never accepted"
            continue
        found = answer.result()
        room = seen.rooms.get(found.room_id)
        if found.violation_id not in stored or room is None:
            yield f"{delivery}: violation {found.violation_id}, room {found.room_id}"
        elif seen.answers.get(found.violation_id) != room.id:
            yield f"{delivery}: room {room.id} does not have {found.violation_id}"
    settled = Counter(seen.answers.values())
    for room in seen.rooms.values():
        if room.count != settled[room.id]:
            yield f"room {room.id}: counts {room.count}, settles {settled[room.id]}"
    yield from seen.pipelines.refused


def violations_twice(seen: Evidence) -> Iterator[str]:
    """One delivery, two violations."""
    counted = Counter((row.source, row.delivery_id) for row in seen.violations)
    yield from (f"{delivery}: {count} rows" for delivery, count in counted.items() if count > 1)
    yield from seen.pipelines.contradictions


def without_channel(seen: Evidence) -> Iterator[str]:
    """A room that nobody can enter."""
    there = {channel.id for channel in seen.slack.channels}
    for room in seen.rooms.values():
        if room.channel not in there:
            yield f"room {room.id}: channel {room.channel}"


def channels_twice(seen: Evidence) -> Iterator[str]:
    """More channels than rooms."""
    bot = seen.slack.bot["user_id"]
    names: defaultdict[str, list[str]] = defaultdict(list)
    for channel in seen.slack.channels:
        if channel.creator == bot and channel.name.startswith("wr-"):
            names[channel.name.rpartition("-")[2]].append(channel.id)
    for room_id, channels in names.items():
        room = seen.rooms.get(room_id)
        if channels != [room and room.channel]:
            name = channel_name(room) if room else "no room"
            yield f"room {room_id} ({name}): Slack has {', '.join(channels)}"


def undecided(seen: Evidence) -> Iterator[str]:
    """A room without a decision."""
    yield from (f"room {room}" for room, found in seen.decisions.items() if not found)


def decided_twice(seen: Evidence) -> Iterator[str]:
    """A room with more than one."""
    for room, found in seen.decisions.items():
        if len(found) > 1:
            yield f"room {room}: {', '.join(each.decision.outcome for each in found)}"


def folds_that_differ(seen: Evidence) -> Iterator[str]:
    """The record says one thing, the row another."""
    for room_id, room in seen.rooms.items():
        row = seen.rows[room_id]
        try:
            folded = fold(seen.records[room_id])
        except ValueError as error:
            yield f"room {room_id}: {error}"
            continue
        columns = (row.version, row.state, row.outcome, row.channel)
        decision = room.decision
        ours = (room.version, room.state, decision and decision.outcome, room.channel)
        if folded != room or columns != ours:
            yield f"room {room_id}: version {row.version}, {len(seen.records[room_id])} events"


def log_wrong(seen: Evidence) -> Iterator[str]:
    """The log isn't that of the record."""
    yield from seen.log


def verdicts_changed(seen: Evidence) -> Iterator[str]:
    """What a pipeline was told does not hold."""
    yield from seen.pipelines.changed
    for violation, verdict in seen.pipelines.verdicts.items():
        room = seen.rooms.get(seen.answers.get(violation, ""))
        if room and room.verdict != verdict:
            yield f"{violation}: the gate said {verdict}, the room {room.id} says {room.verdict}"


def clicks_lost(seen: Evidence) -> Iterator[str]:
    """Acknowledged, and nothing was decided by then."""
    for click in seen.acked:
        room = seen.rooms.get(click.room_id)
        decision = room.decision if room else None
        if decision and decision.outcome is Outcome.EXPIRED:
            continue
        if decision is None or decision.at.timestamp() > click.at:
            yield f"room {click.room_id}: {click.action} by {click.user} at {click.at:.3f}"


def stopped_by_a_constraint(seen: Evidence) -> Iterator[str]:
    """Two writers at the same place."""
    yield from (match[1] for match in _COLLISION.finditer(seen.database_log))


def given_up(seen: Evidence) -> Iterator[str]:
    """Effects that were parked, or are still to be delivered."""
    for row in seen.left:
        yield f"effect {row.id}: {row.kind} of {row.stream_id}, {row.state}, {row.last_error}"
