"""The details of a room: all there is to know, for whoever asks by the menu or the button.

Rules
- What a private room is about is shown to those who have a part in it, and in its channel; for
  others it isn't there.
"""

import asyncio
from dataclasses import replace
from typing import Any

import structlog
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain import access
from bot.engine.engine import Engine
from bot.integrations.slack.hear.answers import AWAY, Responder, unknown
from bot.integrations.slack.hear.clicks import UNAVAILABLE, Click
from bot.integrations.slack.show import details
from bot.integrations.slack.show.about import about
from bot.integrations.slack.show.modals import loggable
from bot.integrations.slack.show.text import View
from bot.storage.store import DatabaseUnavailableError

log = structlog.get_logger()


class Details:
    """Listens to whoever wants to see all of a room."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def asked(
        self, ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, respond: AsyncRespond
    ) -> BoltResponse:
        """The details were asked for."""
        click, responder = Click.read(body), Responder(body, client, respond)
        name = self._engine.people.in_slack(click.user).name
        try:
            found = await asyncio.to_thread(self._view, click)
        except DatabaseUnavailableError as error:
            log.warning("details.database_away", user=name, error=str(error))
            await responder.say(AWAY)
            return BoltResponse(status=UNAVAILABLE)
        if isinstance(found, str):
            log.info("details.refused", user=name, room=loggable(click.room_id))
            await responder.say(found)
        else:
            await responder.open(found)
        return await ack()

    def _view(self, click: Click) -> View | str:
        """The modal, or why there is none."""
        room = self._engine.store.room(click.room_id)
        person = self._engine.people.acting(click.user).person
        if room is None or not access.may_see(room, room.name_of(person), click.channel):
            return unknown(click.room_id)
        whole = self._engine.store.violation(room.violation.id)
        return details.view(replace(about(self._engine, room), whole=whole))
