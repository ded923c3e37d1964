"""Submitted modals: each becomes a command; what is wrong is said beside the input.

Rules
- The modal stays open, with everything that was written, as long as nothing is recorded.
- A modal is sent in once: again with the same id, after an answer that was lost, changes nothing.
- Decided meanwhile, or not allowed: the modal gives way to the reason.
"""

from typing import Any

import structlog
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.response import BoltResponse
from structlog.contextvars import bound_contextvars

from bot.domain.refusal import Refusal, Why
from bot.engine.engine import Engine, UnknownRoomError
from bot.integrations.slack.hear.answers import AWAY, refused, unknown
from bot.integrations.slack.hear.home_tab import refresh
from bot.integrations.slack.show.inputs import notice
from bot.integrations.slack.show.modals import loggable, reference
from bot.integrations.slack.show.text import View
from bot.integrations.slack.verbs.entries import InvalidInputError, entries_of
from bot.integrations.slack.verbs.verb import Form, with_shown_count
from bot.storage.store import DatabaseUnavailableError

log = structlog.get_logger()


class Submissions:
    """Listens to the modals of one verb's form."""

    def __init__(self, engine: Engine, form: Form) -> None:
        self._engine = engine
        self._form = form

    async def submitted(self, ack: AsyncAck, body: dict[str, Any]) -> BoltResponse:
        """A modal was sent in."""
        view, user = body["view"], body["user"]["id"]
        about = reference(str(view.get("private_metadata") or ""))
        bound = log.bind(view=self._form.callback_id, room=loggable(about.room_id), user=user)
        entries = entries_of(view)
        try:
            command = self._form.read(entries, self._engine.now())
            command = with_shown_count(command, about.shown_count)
            delivery = str(view.get("id") or "") or None
            outcome = await self._engine.handle(about.room_id, command, user, delivery)
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
            if outcome.why is Why.INVALID:
                return await wrong(ack, view, {outcome.field or "": outcome.message})
            return await instead(ack, refused(outcome))
        bound.info("submission.done")
        if about.at_home:
            with bound_contextvars(room=about.room_id):
                await refresh(self._engine, user)
        receipt = self._form.receipt(entries, outcome.room)
        return await (instead(ack, receipt) if receipt else ack())


async def wrong(ack: AsyncAck, view: View, errors: dict[str, str]) -> BoltResponse:
    """Say what is wrong beside the inputs; what belongs to none of them, beside the first."""
    blocks = [block["block_id"] for block in view["blocks"] if block.get("type") == "input"]
    if not blocks:
        return await instead(ack, notice("War room", " ".join(errors.values())))
    placed = {block if block in blocks else blocks[0]: text for block, text in errors.items()}
    return await ack(response_action="errors", errors=placed)


async def instead(ack: AsyncAck, view: View) -> BoltResponse:
    """Show another view in the modal's place."""
    return await ack(response_action="update", view=view)
