"""Buttons: what needs no words is done at once, what needs some opens its modal.

Rules
- Who clicked is the Slack user of the signed request, and nothing else.
- Commit first, acknowledge last: Slack shows an error for whatever isn't recorded.
- A refusal is for the eyes of the person who clicked. A second delivery changes nothing.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient
from structlog.contextvars import bound_contextvars

from bot.domain import commands as c
from bot.domain import lifecycle
from bot.domain.policy import Policy, Role
from bot.domain.refusal import Refusal, Why
from bot.domain.war_room import Category, WarRoom
from bot.engine.engine import Engine, UnknownRoomError
from bot.integrations.slack.hear.answers import AWAY, Answer, unknown
from bot.integrations.slack.hear.home_tab import refresh
from bot.integrations.slack.show import modals
from bot.integrations.slack.show.buttons import duties, seen
from bot.integrations.slack.show.modals import Reference, known_form
from bot.integrations.slack.show.text import View
from bot.policies.load import Config
from bot.storage.store import DatabaseUnavailableError

log = structlog.get_logger()

UNAVAILABLE = 503
AT_ONCE: Mapping[str, c.Command] = {
    "ack": c.Acknowledge(),
    "approve": c.Approve(),
    "withdraw": c.Withdraw(),
}
# Each as if its modal were sent in empty: what is refused of that for another reason than the
# missing words is refused before anybody has to find them.
_NOTHING = timedelta(0)
_EMPTY: Mapping[str, c.Command] = {
    "override": c.Override(justification="", category=Category.WAIVER, validity=_NOTHING),
    "reject": c.Reject(reason=""),
    "dismiss": c.Dismiss(reason=""),
    "request_info": c.RequestInfo(question=""),
    "explain": c.Explain(text=""),
    "extend": c.Extend(by=_NOTHING, reason=""),
    "handoff": c.HandOff(role=Role.VALIDATOR, to=""),
    "set_apart": c.Split(violation_id=""),
}
_MODALS: Mapping[str, Callable[[WarRoom, Policy, Reference], View]] = {
    "override": modals.override_modal,
    "reject": modals.reject_modal,
    "dismiss": modals.dismiss_modal,
    "request_info": modals.request_info_modal,
    "explain": modals.explain_modal,
    "extend": modals.extend_modal,
    "set_apart": modals.set_apart_modal,
}


@dataclass(frozen=True, slots=True)
class Click:
    """Who clicked which button, of which room, and where."""

    user: str
    action: str
    room_id: str
    channel: str
    at_home: bool
    seen: int

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> "Click":
        """The click in a `block_actions` payload."""
        action = body["actions"][0]
        view = body.get("view") or {}
        return cls(
            user=body["user"]["id"],
            action=action["action_id"],
            room_id=str(action.get("value") or ""),
            channel=str((body.get("channel") or {}).get("id") or ""),
            at_home=view.get("type") == "home",
            seen=seen(str(action.get("block_id") or "")),
        )


class Actions:
    """Listens to the buttons."""

    def __init__(self, engine: Engine, config: Config) -> None:
        self._engine = engine
        self._people = config.people

    async def clicked(
        self, ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, respond: AsyncRespond
    ) -> BoltResponse:
        """A button was clicked."""
        click, answer = Click.read(body), Answer(body, client, respond)
        # In the context: what is said and opened in answer logs under the same names.
        with bound_contextvars(action=click.action, room=known_form(click.room_id)):
            return await self._answered(click, answer, ack)

    async def _answered(self, click: Click, answer: Answer, ack: AsyncAck) -> BoltResponse:
        bound = log.bind(user=click.user)
        try:
            if click.action in AT_ONCE:
                await self._do(click, answer)
            else:
                await self._ask(click, answer)
        except UnknownRoomError:
            bound.info("action.refused", why="unknown_room")
            await answer.say(unknown(click.room_id))
        except DatabaseUnavailableError as error:
            bound.warning("action.database_away", error=str(error))
            await answer.say(AWAY)
            return BoltResponse(status=UNAVAILABLE)
        return await ack()

    async def _do(self, click: Click, answer: Answer) -> None:
        command = AT_ONCE[click.action]
        if isinstance(command, c.Deciding):
            command = command.model_copy(update={"seen": click.seen})
        outcome = await self._engine.handle(click.room_id, command, click.user)
        if isinstance(outcome, Refusal):
            await _refuse(click, outcome, answer)
            return
        log.info("action.done", user=click.user)
        if click.at_home:
            await refresh(self._engine, click.user)
        elif click.action == "ack" and click.channel != outcome.room.channel:
            # The card shows it; a page and a reminder don't.
            await answer.say("Acknowledged. Everybody in the war room sees that you have seen it.")

    async def _ask(self, click: Click, answer: Answer) -> None:
        room = await asyncio.to_thread(self._engine.store.room, click.room_id)
        if room is None:
            raise UnknownRoomError(click.room_id)
        policy = await asyncio.to_thread(self._engine.policy_of, room)
        refusal = self._refusal(click, room, policy)
        if refusal:
            await _refuse(click, refusal, answer)
            return
        about = Reference(room.id, click.at_home, click.seen)
        if click.action == "handoff":
            view = modals.handoff_modal(room, policy, about, click.user, self._people)
        else:
            view = _MODALS[click.action](room, policy, about)
        await answer.open(view)

    def _refusal(self, click: Click, room: WarRoom, policy: Policy) -> Refusal | None:
        empty, now = _EMPTY[click.action], self._engine.now()
        if isinstance(empty, c.HandOff):
            role = next(iter(duties(room, click.user)), Role.VALIDATOR)
            empty = c.HandOff(role=role, to="")
        outcome = lifecycle.decide(room, empty, click.user, policy, now)
        if isinstance(outcome, Refusal) and outcome.why is not Why.INVALID:
            return outcome
        if isinstance(empty, c.Extend) and room.extended_by >= room.window:
            return Refusal(Why.INVALID, "The window is doubled already; it can't be extended more.")
        if isinstance(empty, c.HandOff) and not modals.heirs(room, click.user, self._people):
            return Refusal(Why.INVALID, f"Nobody else may be {empty.role} in this war room.")
        return None


async def _refuse(click: Click, refusal: Refusal, answer: Answer) -> None:
    log.info("action.refused", user=click.user, why=refusal.why.value)
    await answer.say(refusal.message)
