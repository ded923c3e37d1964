"""What people do with follow-ups: *Yes* at once, *No, because…* and *Done…* by a modal."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.follow_up import CloseFollowUp, FollowUp, SampleAnswer
from bot.domain.follow_up_lifecycle import FOLLOW_UP, KIND, NO_SUCH, FollowUpStep, obstacle
from bot.domain.person import Actor
from bot.domain.refusal import Refusal
from bot.engine.engine import Engine
from bot.engine.writer import Waits
from bot.integrations.slack.hear.answers import Responder
from bot.integrations.slack.hear.home_tab import refresh
from bot.integrations.slack.hear.stream_modals import Asked, Click, Log, answered
from bot.integrations.slack.show import follow_ups as show
from bot.integrations.slack.show.text import View
from bot.integrations.slack.verbs.entries import Entries
from bot.storage.follow_ups import follow_up
from bot.storage.store import DatabaseUnavailableError
from bot.storage.transaction import Stream

RECORDED = "Your answer is recorded."


@dataclass(frozen=True, slots=True)
class Closing:
    """One way to close it: how its modal is made, and what it makes of what was entered."""

    modal: Callable[[FollowUp, str], View]
    read: Callable[[Entries], CloseFollowUp]

    def shown(
        self, engine: Engine, follow_up_id: str, actor: Actor, metadata: str
    ) -> View | Refusal:
        """Its modal, or why this person can't close it now."""
        owed = follow_up(engine.store, follow_up_id)
        if owed is None:
            return NO_SUCH
        return obstacle(owed, CloseFollowUp(), actor) or self.modal(owed, metadata)

    async def given(
        self,
        engine: Engine,
        follow_up_id: str,
        entries: Entries,
        actor: Actor,
        delivery: str | None,
    ) -> FollowUpStep | Refusal:
        """What it leads to."""
        return await _close(engine, follow_up_id, self.read(entries), actor, delivery)


NOT_CLEARED = Closing(
    show.no_modal,
    lambda entries: CloseFollowUp(answer=SampleAnswer.NO, reason=entries.get("reason", "")),
)
DONE = Closing(
    show.done_modal,
    lambda entries: CloseFollowUp(link=entries.get("link", ""), reason=entries.get("reason", "")),
)
MODALS = (
    Asked(KIND, show.NO, show.NO_MODAL, NOT_CLEARED.shown, NOT_CLEARED.given),
    Asked(KIND, show.DONE, show.DONE_MODAL, DONE.shown, DONE.given),
)


class Samples:
    """Listens to *Yes*: it would have been cleared."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def listen_on(self, app: AsyncApp) -> None:
        """Have it heard."""
        app.action(show.YES)(self.cleared)

    async def cleared(
        self, ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, respond: AsyncRespond
    ) -> BoltResponse:
        """*Yes* was clicked."""
        engine, click, responder = self._engine, Click.read(body), Responder(body, client, respond)
        actor = engine.people.acting(click.user)
        heard = Log(KIND, click.stream_id, actor)
        try:
            answer = CloseFollowUp(answer=SampleAnswer.YES)
            outcome = await _close(engine, click.stream_id, answer, actor)
        except DatabaseUnavailableError as error:
            return await answered(responder, ack, heard, error)
        if isinstance(outcome, Refusal):
            return await answered(responder, ack, heard, outcome)
        heard.done()
        if click.at_home:
            await refresh(engine, click.user)
        elif click.ts not in [asked.ts for asked in outcome.after.asked.values()]:
            # The message that asks is brought up to date; a list isn't.
            await responder.say(RECORDED)
        return await ack()


async def _close(
    engine: Engine,
    follow_up_id: str,
    command: CloseFollowUp,
    actor: Actor,
    delivery: str | None = None,
) -> FollowUpStep | Refusal:
    stream = Stream(FOLLOW_UP.kind, follow_up_id)
    return await engine.write(
        lambda order: engine.streams.apply_to(order, stream, command, actor, delivery),
        Waits.PERSON,
    )
