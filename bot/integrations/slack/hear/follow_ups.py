"""What people do with follow-ups: *Yes* at once, *No, because…* and *Done…* by a modal.

Rules
- Who may is the follow-up's to say: before a modal is opened, and again when it is sent in.
- Commit first, acknowledge last. A modal stays open as long as nothing is recorded.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.follow_up import CloseFollowUp, FollowUp, SampleAnswer
from bot.domain.follow_up_lifecycle import FOLLOW_UP, NO_SUCH, FollowUpStep, obstacle
from bot.domain.person import Actor
from bot.domain.refusal import Refusal, Why
from bot.engine.engine import Engine
from bot.integrations.slack.hear.answers import AWAY, Responder, instead, refused, wrong
from bot.integrations.slack.hear.home_tab import refresh
from bot.integrations.slack.show import follow_ups as show
from bot.integrations.slack.show.modals import loggable
from bot.integrations.slack.show.text import View, person
from bot.integrations.slack.verbs.entries import Entries, entries_of
from bot.storage.follow_ups import follow_up
from bot.storage.store import DatabaseUnavailableError
from bot.storage.transaction import Stream

log = structlog.get_logger()

UNAVAILABLE = 503
RECORDED = "Your answer is recorded."


@dataclass(frozen=True, slots=True)
class Asked:
    """A modal of follow-ups: how it is shown, and what it makes of what was entered."""

    shown: Callable[[FollowUp, str], View]
    read: Callable[[Entries], CloseFollowUp]


NOT_CLEARED = Asked(
    show.no_modal,
    lambda entries: CloseFollowUp(answer=SampleAnswer.NO, reason=entries.get("reason", "")),
)
DONE = Asked(
    show.done_modal,
    lambda entries: CloseFollowUp(link=entries.get("link", ""), reason=entries.get("reason", "")),
)


class FollowUps:
    """Listens to the buttons and the modals of follow-ups."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def listen_on(self, app: AsyncApp) -> None:
        """Have all of them heard."""
        app.action(show.YES)(self.cleared)
        for action_id, callback_id, asked in (
            (show.NO, show.NO_MODAL, NOT_CLEARED),
            (show.DONE, show.DONE_MODAL, DONE),
        ):
            modal = FollowUpModal(self._engine, asked)
            app.action(action_id)(modal.wanted)
            app.view(callback_id)(modal.submitted)

    async def cleared(
        self, ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, respond: AsyncRespond
    ) -> BoltResponse:
        """*Yes*."""
        engine, click, responder = self._engine, Click.read(body), Responder(body, client, respond)
        actor = engine.people.acting(click.user)
        bound = _log(click.follow_up_id, actor)
        try:
            answer = CloseFollowUp(answer=SampleAnswer.YES)
            outcome = await _close(engine, click.follow_up_id, answer, actor)
        except DatabaseUnavailableError as error:
            return await _away(error, responder, bound)
        if isinstance(outcome, Refusal):
            return await _refused(outcome, ack, responder, bound)
        bound.info("follow_up.closed")
        if click.at_home:
            await refresh(engine, click.user)
        elif click.ts not in [asked.ts for asked in outcome.after.asked.values()]:
            # The message that asks is brought up to date; a list isn't.
            await responder.say(RECORDED)
        return await ack()


class FollowUpModal:
    """Listens to the button that opens one of the modals, and to what is sent in."""

    def __init__(self, engine: Engine, asked: Asked) -> None:
        self._engine = engine
        self._asked = asked

    async def wanted(
        self, ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, respond: AsyncRespond
    ) -> BoltResponse:
        """The button was clicked."""
        engine, click, responder = self._engine, Click.read(body), Responder(body, client, respond)
        actor = engine.people.acting(click.user)
        bound = _log(click.follow_up_id, actor)
        try:
            owed = await asyncio.to_thread(follow_up, engine.store, click.follow_up_id)
        except DatabaseUnavailableError as error:
            return await _away(error, responder, bound)
        if owed is None:
            return await _refused(NO_SUCH, ack, responder, bound)
        if refusal := obstacle(owed, CloseFollowUp(), actor):
            return await _refused(refusal, ack, responder, bound)
        await responder.open(self._asked.shown(owed, click.written()))
        return await ack()

    async def submitted(self, ack: AsyncAck, body: dict[str, Any]) -> BoltResponse:
        """The modal was sent in."""
        view, user = body["view"], body["user"]["id"]
        follow_up_id, at_home = _reference(view)
        actor = self._engine.people.acting(user)
        bound = _log(follow_up_id, actor)
        command = self._asked.read(entries_of(view))
        delivery = str(view.get("id") or "") or None
        try:
            outcome = await _close(self._engine, follow_up_id, command, actor, delivery)
        except DatabaseUnavailableError as error:
            bound.warning("follow_up.database_away", error=str(error))
            return await wrong(ack, view, {"": AWAY})
        if isinstance(outcome, Refusal):
            bound.info("follow_up.refused", why=outcome.why.value)
            if outcome.why is Why.INVALID:
                return await wrong(ack, view, {outcome.field or "": outcome.message})
            return await instead(ack, refused(outcome))
        bound.info("follow_up.closed")
        if at_home:
            await refresh(self._engine, user)
        return await ack()


@dataclass(frozen=True, slots=True)
class Click:
    """Who clicked a follow-up's button, and where."""

    user: str
    follow_up_id: str
    at_home: bool
    ts: str

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> "Click":
        """The click in a `block_actions` payload."""
        return cls(
            user=body["user"]["id"],
            follow_up_id=str(body["actions"][0].get("value") or ""),
            at_home=(body.get("view") or {}).get("type") == "home",
            ts=str((body.get("message") or {}).get("ts") or ""),
        )

    def written(self) -> str:
        """As private metadata of the modal that it opens."""
        return json.dumps({"follow_up": self.follow_up_id, "home": self.at_home})


def _reference(view: View) -> tuple[str, bool]:
    """Which follow-up a modal is about, and whether it was opened at Home."""
    try:
        read = json.loads(str(view.get("private_metadata") or ""))
    except ValueError:
        return "", False
    if not isinstance(read, dict):
        return "", False
    return str(read.get("follow_up") or ""), read.get("home") is True


async def _close(
    engine: Engine,
    follow_up_id: str,
    command: CloseFollowUp,
    actor: Actor,
    delivery: str | None = None,
) -> FollowUpStep | Refusal:
    stream = Stream(FOLLOW_UP.kind, follow_up_id)
    return await engine.write(
        lambda order: engine.streams.apply_to(order, stream, command, actor, delivery)
    )


async def _refused(
    refusal: Refusal,
    ack: AsyncAck,
    responder: Responder,
    bound: Any,  # noqa: ANN401 - structlog's
) -> BoltResponse:
    bound.info("follow_up.refused", why=refusal.why.value)
    await responder.say(refusal.told(person))
    return await ack()


async def _away(error: Exception, responder: Responder, bound: Any) -> BoltResponse:  # noqa: ANN401 - structlog's
    bound.warning("follow_up.database_away", error=str(error))
    await responder.say(AWAY)
    return BoltResponse(status=UNAVAILABLE)


def _log(follow_up_id: str, actor: Actor) -> Any:  # noqa: ANN401 - structlog's
    return log.bind(follow_up=loggable(follow_up_id), user=actor.person.name)
