"""States of streams: the newest as they are, all others packed in a file that has no name.

Rules
- Of a stream at rest the memory holds where it stands in the file, and nothing else.
"""

import tempfile
import zlib
from collections import OrderedDict

from bot.domain.value import StoredValue

AWAKE = 2000  # states that are kept as they are
Key = tuple[str, str]  # a stream's kind and id


class States:
    """The state of each stream by its key; of one kind all states are of one type."""

    def __init__(self, awake: int = AWAKE) -> None:
        self._most = awake
        self._awake: OrderedDict[Key, StoredValue] = OrderedDict()
        self._places: dict[Key, tuple[int, int]] = {}
        self._types: dict[str, type[StoredValue]] = {}
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - `close` closes it
        self._end = 0

    def close(self) -> None:
        """Let the file go; nothing is known after that."""
        self._file.close()

    def get(self, key: Key) -> StoredValue | None:
        """The state of a stream; None where none is known."""
        state = self._awake.get(key)
        if state is None and (place := self._places.pop(key, None)):
            self._file.seek(place[0])
            packed = zlib.decompress(self._file.read(place[1]))
            state = self._types[key[0]].read(packed.decode())
            self.keep(key, state)
        return state

    def keep(self, key: Key, state: StoredValue) -> None:
        """A stream's state from now on."""
        self._awake[key] = state
        self._awake.move_to_end(key)
        if len(self._awake) > self._most:
            resting, old = self._awake.popitem(last=False)
            packed = zlib.compress(old.model_dump_json().encode(), 1)
            self._file.seek(self._end)
            self._file.write(packed)
            self._places[resting] = self._end, len(packed)
            self._types[resting[0]] = type(old)
            self._end += len(packed)

    def forget(self, key: Key) -> None:
        """Nothing is known of it any more."""
        self._awake.pop(key, None)
        self._places.pop(key, None)
