"""What was explained in a room and something newer has replaced since: it stays to be read.

Rules
- The newest answer and the newest explanation stand in the room as such; of what they replaced
  the newest `EARLIER` are kept, and how many there were.
"""

import operator

from pydantic import Field

from bot.domain.personal import FreeText, PersonName
from bot.domain.value import StoredValue

EARLIER = 5


class Explanation(StoredValue):
    """An answer to `question`, or what somebody told unasked; `by` where it is known.

    `room` is the war room of an earlier commit that it was told in, where it wasn't told here.
    """

    question: FreeText | None = None
    text: FreeText
    by: PersonName | None = None
    room: str | None = Field(default=None, exclude_if=operator.not_)


class Earlier(StoredValue):
    """The newest of those that were replaced, the oldest of them first, and the count of all."""

    newest: tuple[Explanation, ...] = ()
    count: int = 0

    def more(self, explanation: Explanation) -> "Earlier":
        """The same with one that was replaced just now."""
        newest = (*self.newest, explanation)[-EARLIER:]
        return Earlier(newest=newest, count=self.count + 1)
