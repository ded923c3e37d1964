"""`/warroom`: one file a subcommand, one line of the registry `COMMANDS` for each.

Rules
- Every answer is for the person who asked, and comes with the acknowledgement.
- An unknown word gets help, not an error.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.engine.engine import Engine
from bot.integrations.slack.commands import (
    debt,
    extend,
    handoff,
    help_text,
    list_rooms,
    mine,
    open_room,
    stats,
    status,
)
from bot.integrations.slack.commands.ask import Ask, CannotError, Reply
from bot.integrations.slack.hear.answers import AWAY
from bot.integrations.slack.show.blocks import sections
from bot.integrations.slack.show.text import Rendered, clip
from bot.measures.measure import Measure
from bot.measures.registry import MEASURES
from bot.policies.load import Config
from bot.storage.store import DatabaseUnavailableError

log = structlog.get_logger()

TEXT = 3000


@dataclass(frozen=True, slots=True)
class Command:
    """A subcommand: how it is used, and what it does."""

    usage: str
    handle: Callable[[Ask], Awaitable[Reply]]


COMMANDS: Mapping[str, Command] = {
    "open": Command(open_room.USAGE, open_room.handle),
    "status": Command(status.USAGE, status.handle),
    "list": Command(list_rooms.USAGE, list_rooms.handle),
    "mine": Command(mine.USAGE, mine.handle),
    "stats": Command(stats.USAGE, stats.handle),
    "debt": Command(debt.USAGE, debt.handle),
    "extend": Command(extend.USAGE, extend.handle),
    "handoff": Command(handoff.USAGE, handoff.handle),
    "help": Command(help_text.USAGE, help_text.handle),
}
_USAGES = {name: command.usage for name, command in COMMANDS.items()}


class Commands:
    """Listens to `/warroom`."""

    def __init__(
        self, engine: Engine, config: Config, measures: Sequence[Measure[Any]] = MEASURES
    ) -> None:
        self._engine = engine
        self._config = config
        self._measures = measures

    async def given(
        self, ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient
    ) -> BoltResponse:
        """The command was given."""
        text = " ".join(str(body.get("text") or "").split())
        word, _, rest = text.partition(" ")
        name = word.lower() if word.lower() in COMMANDS else "help"
        ask = Ask(
            engine=self._engine,
            config=self._config,
            client=client,
            usages=_USAGES,
            measures=self._measures,
            user=str(body["user_id"]),
            channel=str(body.get("channel_id") or ""),
            trigger_id=str(body.get("trigger_id") or ""),
            words=rest if word.lower() in COMMANDS else text,
        )
        return await _answer(ack, await _reply(name, ask))


async def _reply(name: str, ask: Ask) -> Reply:
    try:
        reply = await COMMANDS[name].handle(ask)
    except CannotError as error:
        log.info("command.refused", command=name, user=ask.user)
        return str(error)
    except DatabaseUnavailableError as error:
        log.warning("command.database_away", command=name, error=str(error))
        return AWAY
    log.info("command.done", command=name, user=ask.user)
    return reply


async def _answer(ack: AsyncAck, reply: Reply) -> BoltResponse:
    if reply is None:
        return await ack()
    if isinstance(reply, str):
        reply = Rendered(clip(reply, TEXT), sections(reply.split("\n")))
    return await ack(text=reply.text, blocks=reply.blocks, response_type="ephemeral")
