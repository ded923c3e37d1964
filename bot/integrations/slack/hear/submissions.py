"""Submitted modals: each becomes a command; what is wrong is said beside the input.

Rules
- The modal stays open, with everything that was written, as long as nothing is recorded.
- A modal is sent in once: again with the same id, after an answer that was lost, changes nothing.
- Decided meanwhile, or not allowed: the modal gives way to the reason.
- What has joined since is shown in the modal, with what was written: the next try counts.
"""

import asyncio
from typing import Any

import structlog
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.response import BoltResponse
from structlog.contextvars import bound_contextvars

from bot.domain.person import Actor
from bot.domain.refusal import Refusal, Why
from bot.engine.engine import Engine, UnknownRoomError
from bot.integrations.slack.hear.answers import AWAY, instead, refused, unknown, wrong
from bot.integrations.slack.hear.forms import shown_anew
from bot.integrations.slack.hear.home_tab import refresh
from bot.integrations.slack.hear.memberships import Memberships
from bot.integrations.slack.show.inputs import notice
from bot.integrations.slack.show.modals import loggable, reference
from bot.integrations.slack.show.text import View
from bot.integrations.slack.verbs.entries import Entries, InvalidInputError, entries_of
from bot.integrations.slack.verbs.verb import Form, with_shown_count
from bot.storage.store import DatabaseUnavailableError

log = structlog.get_logger()


class Submissions:
    """Listens to the modals of one verb's form."""

    def __init__(self, engine: Engine, memberships: Memberships, form: Form) -> None:
        self._engine = engine
        self._memberships = memberships
        self._form = form

    async def submitted(self, ack: AsyncAck, body: dict[str, Any]) -> BoltResponse:
        """A modal was sent in."""
        view, user = body["view"], body["user"]["id"]
        about = reference(str(view.get("private_metadata") or ""))
        actor = self._engine.people.acting(user)
        room_id, name = loggable(about.room_id), actor.person.name
        bound = log.bind(view=self._form.callback_id, room=room_id, user=name)
        entries = entries_of(view)
        try:
            command = self._form.read(entries, self._engine.now())
            command = with_shown_count(command, about.shown_count)
            delivery = str(view.get("id") or "") or None
            _, errors = await asyncio.gather(
                self._memberships.learn(about.room_id, self._form.command, body),
                self._nobody(entries),
            )
            if errors:
                bound.info("submission.nobody", blocks=list(errors))
                return await wrong(ack, view, errors)
            outcome = await self._engine.handle(about.room_id, command, actor, delivery)
        except InvalidInputError as error:
            bound.info("submission.incomplete", blocks=list(error.errors))
            return await wrong(ack, view, error.errors)
        except UnknownRoomError:
            bound.info("submission.refused", why="unknown_room")
            return await instead(ack, notice("War room", unknown(about.room_id)))
        except DatabaseUnavailableError as error:
            bound.warning("submission.database_away", error=str(error))
            return await wrong(ack, view, {"": AWAY})
        if isinstance(outcome, Refusal):
            bound.info("submission.refused", why=outcome.why.value)
            return await self._refused(outcome, ack, view, actor)
        bound.info("submission.done")
        if about.at_home:
            with bound_contextvars(room=about.room_id):
                await refresh(self._engine, user)
        receipt = await asyncio.to_thread(self._form.receipt, entries, self._engine.store)
        return await (instead(ack, receipt) if receipt else ack())

    async def _nobody(self, entries: Entries) -> dict[str, str]:
        """Why whoever was chosen is nobody, beside the block in which a human has to be."""
        block = self._form.human
        why = await self._memberships.why_nobody(entries[block]) if block else None
        return {block: why} if block and why else {}

    async def _refused(
        self, refusal: Refusal, ack: AsyncAck, view: View, actor: Actor
    ) -> BoltResponse:
        if refusal.why in (Why.INVALID, Why.NOT_KNOWN):
            return await wrong(ack, view, {refusal.field or "": refusal.message})
        if refusal.why is Why.GROWN:
            about = reference(str(view.get("private_metadata") or ""))
            entries, form = entries_of(view), self._form
            grown = await asyncio.to_thread(shown_anew, self._engine, form, about, actor, entries)
            return await instead(ack, grown)
        return await instead(ack, refused(refusal))
