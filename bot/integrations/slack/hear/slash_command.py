"""`/warroom`: the word behind it says which subcommand is meant.

Rules
- Every answer is for the person who asked, and comes with the acknowledgement.
- An unknown word gets help, not an error; words for a subcommand that takes none are refused.
"""

from typing import Any

import structlog
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.engine.engine import Engine
from bot.integrations.extension import Extension
from bot.integrations.slack.commands.help_text import HELP
from bot.integrations.slack.commands.invocation import CannotError, Invocation, not_understood
from bot.integrations.slack.hear.answers import AWAY
from bot.integrations.slack.hear.memberships import Memberships
from bot.integrations.slack.show.blocks import sections
from bot.integrations.slack.show.text import Rendered, clip
from bot.storage.store import DatabaseUnavailableError

log = structlog.get_logger()

TEXT = 3000


class SlashCommand:
    """Listens to `/warroom`."""

    def __init__(self, engine: Engine, memberships: Memberships, parts: Extension) -> None:
        self._engine = engine
        self._memberships = memberships
        self._parts = parts
        self._subcommands = {subcommand.name: subcommand for subcommand in parts.subcommands}
        self._usages = {subcommand.name: subcommand.usage for subcommand in parts.subcommands}

    async def used(
        self, ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient
    ) -> BoltResponse:
        """The command was used."""
        text = " ".join(str(body.get("text") or "").split())
        word, _, rest = text.partition(" ")
        subcommand = self._subcommands.get(word.lower())
        invocation = Invocation(
            engine=self._engine,
            learn=lambda room_id, command: self._memberships.learn(room_id, command, body),
            zone=lambda: self._memberships.zone(str(body["user_id"])),
            client=client,
            verbs=self._parts.verbs,
            usages=self._usages,
            measures=self._parts.measures,
            user=str(body["user_id"]),
            channel=str(body.get("channel_id") or ""),
            trigger_id=str(body.get("trigger_id") or ""),
            words=rest if subcommand else text,
        )
        subcommand = subcommand or HELP
        bound = log.bind(command=subcommand.name, user=invocation.actor.person.name)
        try:
            if invocation.words and not subcommand.takes_words:
                raise not_understood(invocation.words, (), subcommand.usage)
            reply = await subcommand.handle(invocation)
        except CannotError as error:
            bound.info("command.refused")
            reply = str(error)
        except DatabaseUnavailableError as error:
            bound.warning("command.database_away", error=str(error))
            reply = AWAY
        else:
            bound.info("command.done")
        if reply is None:
            return await ack()
        if isinstance(reply, str):
            reply = Rendered(clip(reply, TEXT), sections(reply.split("\n")))
        return await ack(text=reply.text, blocks=reply.blocks, response_type="ephemeral")
