"""What there was before on one subject: earlier rooms of the same policy, and how the last ended.

Rules
- A subject is a kind and a name; all its versions are one. What has no name has nothing before it.
- A storm is about no one subject: it has no earlier rooms, and is none.
- Earlier is what was opened before, whatever became of it since; of more than the newest `MOST`
  nobody is told.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.war_room import WarRoom

WITHIN = timedelta(days=30)
MOST = 100


@dataclass(frozen=True, slots=True)
class EarlierRooms:
    """How many were opened in the `WITHIN` before a room, and which was decided last of all.

    `count` ends at `MOST`. `last` may be older, and was decided before the room itself was.
    """

    count: int = 0
    last: WarRoom | None = None


def subject_of(room: WarRoom) -> str | None:
    """What is the same of all rooms on one subject, of one length; None where there is no name."""
    subject = room.violation.report.subject
    if room.is_storm or not subject.name:
        return None
    return hashlib.sha256(json.dumps([subject.kind, subject.name]).encode()).hexdigest()[:32]
