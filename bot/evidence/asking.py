"""Asks a witness to cosign the newest checkpoint, and keeps what it has cosigned with that.

Rules
- Each worker asks; what is cosigned already, by whomever it was asked, isn't asked for again.
- What the witness has seen last it says itself: it is asked from the size that it names.
- What passes (no answer, 5xx, too many requests) is tried again, later each time.
- A refusal is an alarm, as is a stored tree that is too damaged to ask with: counted, logged, on
  record, and told in Slack where there is a channel; there once a day while that goes on. It is
  asked again with the next checkpoint, and this one once more each hour, since what was wrong may
  be mended.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog
from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar
from sqlalchemy import Connection

from bot.domain.checkpoint import CHECKPOINT, RecordRefusal
from bot.domain.person import BY_SYSTEM
from bot.engine.engine import Engine
from bot.evidence.damage import DAMAGED, tell_damage
from bot.evidence.looking import keep_looking
from bot.evidence.notes import Note
from bot.evidence.stored_tree import StoredTree
from bot.evidence.witnesses import Witness
from bot.evidence.witnessing import PATH, AddCheckpoint, Answer, Cosigned, Refused, SeenAt
from bot.storage import log_checkpoints as kept_rows
from bot.storage.transaction import Transaction

log = structlog.get_logger()

LOOK_EVERY_SECONDS = 5.0
TIMEOUT = ClientTimeout(total=20)
FIRST, LONGEST = timedelta(seconds=10), timedelta(minutes=10)
REFUSED_AGAIN = timedelta(hours=1)
TOLD_AGAIN = timedelta(days=1)
ROUNDS = 4  # another process may ask meanwhile
BODY_MOST = 64 * 1024
_ASK_LATER = frozenset({408, 425, 429})
_SERVER_ERROR = 500
_DAMAGED = "it can't be asked, since the log's stored tree is damaged"


class NotNowError(Exception):
    """The witness can't say now; it may later."""


@dataclass
class Asking:
    """One witness, and what is known of it in this process."""

    engine: Engine
    witness: Witness
    channel: str = ""
    _seen: int = 0
    _failures: int = 0
    _later: datetime | None = None
    _refused: str = ""  # the note
    _told: datetime | None = None

    async def run(self) -> None:
        """Ask until it is cancelled."""
        async with session() as http:
            await keep_looking("witness", partial(self.look, http), LOOK_EVERY_SECONDS)

    async def look(self, http: ClientSession) -> None:
        """Ask for the newest checkpoint, where it isn't cosigned and it is time."""
        newest = await asyncio.to_thread(self.engine.store.ask, kept_rows.newest_checkpoint)
        if newest is None or self._waits(newest):
            return
        if self.witness.has_cosigned(newest.cosignatures):
            return
        try:
            answer = await self._asked(http, newest)
        except (ClientError, OSError, NotNowError) as error:  # a TimeoutError is an OSError
            self._failures += 1
            wait = min(LONGEST, FIRST * 2 ** min(self._failures - 1, 10))
            self._later = self.engine.now() + wait
            self.engine.observer.witnessed(self.witness.name, "failed")
            log.warning("witness.failed", witness=self.witness.name, error=repr(error))
            return
        except DAMAGED as error:
            tell_damage("witness", error)
            await self._alarm(newest, _DAMAGED)
            return
        self._failures, self._later = 0, None
        if isinstance(answer, Cosigned):
            await self._keep(newest, answer)
        else:
            await self._alarm(newest, answer.why)

    def _waits(self, newest: kept_rows.Checkpoint) -> bool:
        if self._refused and self._refused != newest.note:
            return False
        return self._later is not None and self.engine.now() < self._later

    async def _asked(self, http: ClientSession, newest: kept_rows.Checkpoint) -> Cosigned | Refused:
        for _ in range(ROUNDS):
            answer = await self._ask(http, newest)
            if not isinstance(answer, SeenAt):
                return answer
            self._seen = answer.size
        raise NotNowError("it has seen another size each time that it was asked")

    async def _ask(self, http: ClientSession, newest: kept_rows.Checkpoint) -> Answer:
        old = min(self._seen, newest.size)

        def proof(connection: Connection) -> list[bytes]:
            return StoredTree(connection).consistency(old, newest.size)

        note = Note.read(newest.note.encode())
        asked = AddCheckpoint(old, await asyncio.to_thread(self.engine.store.ask, proof), note)
        url = self.witness.address + PATH
        async with http.post(url, data=asked.body, allow_redirects=False) as heard:
            if heard.status in _ASK_LATER or heard.status >= _SERVER_ERROR:
                raise NotNowError(f"it answered {heard.status}")
            body = bytearray()
            async for part in heard.content.iter_chunked(BODY_MOST):
                body += part
                if len(body) > BODY_MOST:
                    return Refused(f"its answer is longer than {BODY_MOST} bytes")
            kind = heard.headers.get("content-type", "")
            return asked.answer(heard.status, kind, bytes(body), self.witness.keys)

    async def _keep(self, newest: kept_rows.Checkpoint, answer: Cosigned) -> None:
        lines = [str(each) for each in answer.signatures]
        await self.engine.write(
            lambda order: kept_rows.keep_cosignatures(order.connection, newest.size, lines)
        )
        self._seen, self._refused, self._told = newest.size, "", None
        self.engine.observer.witnessed(self.witness.name, "cosigned")
        log.info("witness.cosigned", witness=self.witness.name, size=newest.size)

    async def _alarm(self, newest: kept_rows.Checkpoint, why: str) -> None:
        now, name = self.engine.now(), self.witness.name
        self._refused, self._later = newest.note, now + REFUSED_AGAIN
        tells = self._told is None or now - self._told >= TOLD_AGAIN
        command = RecordRefusal(witness=name, why=why, channel=self.channel if tells else "")

        def order(transaction: Transaction) -> None:
            size = str(newest.size)
            self.engine.streams.apply(transaction, CHECKPOINT, size, command, BY_SYSTEM)

        await self.engine.write(order)
        self._told = now if tells else self._told
        self.engine.observer.witnessed(name, "refused")
        log.error("witness.refused", witness=name, size=newest.size, why=why)


def session() -> ClientSession:
    """What witnesses are asked through: no cookies, and no proxy that the environment names."""
    return ClientSession(timeout=TIMEOUT, cookie_jar=DummyCookieJar(), trust_env=False)
