"""Which rooms there were before on a subject: asked with each card, so its cost stays flat.

Rules
- The newest earlier rooms of a policy and subject are read from one index, and no more of them than
  a limit; then one room's document, where one of them was decided.
- Several rooms of one commit are one time: where the room has a commit itself, the documents of
  those within the period are read for theirs.
"""

from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, select

from bot.domain.earlier import MOST, WITHIN, EarlierRooms, subject_of
from bot.domain.war_room import WarRoom
from bot.storage import tables as t
from bot.storage.store import Store

_r = t.rooms.c
_EARLIER = (
    select(_r.id, _r.opened_at, _r.decided_at, _r.commit)
    .where(
        _r.subject == bindparam("subject"),
        _r.policy_id == bindparam("policy"),
        _r.opened_at < bindparam("opened"),
    )
    .order_by(_r.opened_at.desc())
    .limit(MOST)
)
_DOCUMENT = select(_r.document).where(_r.id == bindparam("room"))
_NEVER = datetime.max.replace(tzinfo=UTC)


def earlier_rooms(store: Store, room: WarRoom) -> EarlierRooms:
    """What there was before `room` on its subject, under its policy. DatabaseUnavailableError."""
    subject = subject_of(room)
    if subject is None:
        return EarlierRooms()
    asked = {"subject": subject, "policy": room.policy_id, "opened": room.opened_at}
    until = room.decision.at if room.decision else _NEVER

    def question(connection: Connection) -> EarlierRooms:
        rooms = connection.execute(_EARLIER, asked).all()
        recent = (each for each in rooms if each.opened_at >= room.opened_at - WITHIN)
        # Several rooms of one commit are one time that it happened.
        times = {each.commit or each.id for each in recent}
        count = len(times - {room.violation.report.origin.commit})
        decided = [each for each in rooms if each.decided_at and each.decided_at < until]
        if not decided:
            return EarlierRooms(count)
        last = max(decided, key=lambda each: (each.decided_at, each.id))
        document = connection.execute(_DOCUMENT, {"room": last.id}).scalar_one()
        return EarlierRooms(count, WarRoom.read(document))

    return store.ask(question)
