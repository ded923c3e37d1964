"""From a source's request to an answer: verify it, read it, report it, say what became of it.

Rules
- The body is read once, raw, and not parsed before its signature is verified.
- The answer comes after the commit.
- With the database away it is 503 with `Retry-After`: nothing was stored, send it again. So it is
  where more wait than there are places for.
- A failure that is mapped to nothing is logged, and kept by its name before it is answered.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from bot.domain.answers import gravest_room
from bot.domain.clean_text import clean
from bot.domain.refusal import Refusal
from bot.domain.war_room import Verdict
from bot.engine.engine import Engine
from bot.engine.intake import Receipt
from bot.engine.verdict_json import room_url, verdict
from bot.http import description
from bot.http.error_answers import answer, away, failed
from bot.http.openapi import Described, Endpoint
from bot.http.places import Places
from bot.http.server import raw_body
from bot.integrations.body import unmatched
from bot.integrations.request_error import Detail, RequestError, invalid, unsigned
from bot.integrations.source import (
    WEBHOOKS,
    Ignored,
    Message,
    Reported,
    Result,
    Source,
    Succeeded,
    Surroundings,
)
from bot.integrations.standard.gate import SOURCE as GATE
from bot.policies.load import Config
from bot.policies.matching import NoPolicyError
from bot.signatures import Secret, SignatureError
from bot.storage.source_names import NAME_MOST, UNMAPPED
from bot.storage.store import DatabaseUnavailableError

log = structlog.get_logger()

CLEARED = "cleared"  # the status of a violation that nobody is asked about


@dataclass(slots=True)
class Intake:
    """What receiving needs; `secrets` are those of each source, by its name."""

    engine: Engine
    config: Config
    secrets: Mapping[str, tuple[Secret, ...]]
    public_url: str
    callback_refusal: Callable[[str], str | None]
    places: Places = field(default_factory=Places)

    def use(
        self,
        config: Config,
        secrets: Mapping[str, tuple[Secret, ...]],
        callback_refusal: Callable[[str], str | None],
    ) -> None:
        """Go on with another configuration; what is being received goes on with its own."""
        self.config, self.secrets, self.callback_refusal = config, secrets, callback_refusal

    async def receive(self, source: Source[Any], message: Message) -> dict[str, Any]:
        """The body of a 202: what became of the violation, or a list where there isn't one alone.

        RequestError for every other answer.
        """
        section = self.config.sources.sections.get(source.name)
        if source.settings.section and not section:
            raise self.missing(f"{source.title} is not configured: see sources.yaml")
        secrets = self.secrets[source.name]
        if not secrets:
            raise unsigned(f"no secret is configured: set {source.settings.variable(section)}")
        now = self.engine.now()
        around = Surroundings(self.config, section, secrets, self.callback_refusal, now)
        try:
            signed_by = source.verify(message, around) or source.name
        except SignatureError as error:
            raise unsigned(str(error)) from error
        read = source.read(message, around)
        answers = []
        with self.places.taken(source, len(message.body)) as stored:
            try:
                for result in read:
                    answers.append(await self._answer(source.name, signed_by, result))
                    stored()
            except DatabaseUnavailableError as error:
                raise away() from error
        return answers[0] if len(answers) == 1 else {"violations": answers}

    def missing(self, what: str) -> RequestError:
        """404: what is missing, and the sources that there are."""
        here = ", ".join(f"{WEBHOOKS}{name}" for name in sorted(self.secrets.keys() - {GATE.name}))
        return RequestError(404, "not_found", f"{what}. Configured here: {here or 'none'}")

    async def _answer(self, source: str, signed_by: str, result: Result) -> dict[str, Any]:
        match result:
            case Reported():
                answer = await self._report(source, signed_by, result)
            case Succeeded():
                answer = await self._tell_success(source, result)
            case Ignored():
                answer = await self._ignore(source, result)
        if result.pattern is not None:
            await self.engine.names.taken(source, result.pattern)
        return answer

    async def _report(self, source: str, signed_by: str, result: Reported) -> dict[str, Any]:
        try:
            receipt = await self.engine.report(
                result.report, source, result.delivery, signed_by=signed_by
            )
        except NoPolicyError as error:
            named, known = result.report.policy, self.engine.config.policies
            detail = unmatched(result.policy_path, named, error.nearest, known)
            raise invalid(detail) from error
        if receipt.duplicate and result.delivery_path:
            await self._same(receipt, signed_by, result, result.delivery_path)
        room = gravest_room(receipt.answers)
        log.info(
            "violation.reported",
            source=source,
            signed_by=signed_by,
            violation=receipt.violation_id,
            room=room and room.id,
            answers=len(receipt.answers),
            duplicate=receipt.duplicate,
        )
        return self._stored(receipt)

    async def _same(
        self, receipt: Receipt, signed_by: str, result: Reported, delivery_path: str
    ) -> None:
        """RequestError where another violation has used the id: no answer is for two of them."""
        known = await asyncio.to_thread(self.engine.store.violation, receipt.violation_id)
        if known and not known.is_again(result.report, signed_by):
            message = (
                f"found the id of violation {known.id}, which is another one (by its policy, "
                "subject, commit, facts or signer), need an id of its own"
            )
            raise invalid(Detail(delivery_path, message, result.delivery))

    async def _tell_success(self, source: str, result: Succeeded) -> dict[str, Any]:
        success = result.success
        outcome = await self.engine.succeeded(result.policy, success, result.delivery)
        if outcome is None:
            return _ignored(f"{success.check!r} ended as success, and no war room is open for it")
        if isinstance(outcome, Refusal):
            return _ignored(outcome.message)
        room, duplicate = outcome.after, not outcome.events
        log.info("success.recorded", source=source, room=room.id, duplicate=duplicate)
        return {
            "status": "succeeded",
            "room_id": room.id,
            "duplicate": duplicate,
            "verdict": room.verdict,
            "links": {"room": room_url(room.channel, self.engine.workspace)},
        }

    async def _ignore(self, source: str, result: Ignored) -> dict[str, Any]:
        if result.unmapped is not None:
            await self.engine.names.ignored(source, result.unmapped)
            name = result.unmapped[:NAME_MOST]
            log.info("source.ignored", source=source, reason=UNMAPPED, name=name)
        return _ignored(result.reason)

    def _stored(self, receipt: Receipt) -> dict[str, Any]:
        """The answer for a violation on record; what only a newer version can read is pending."""
        now, answers = self.engine.now(), receipt.answers
        found = verdict(receipt.violation_id, answers, now, self.engine.workspace)
        room = gravest_room(answers)
        cleared = room is None and found["verdict"] == Verdict.ALLOW
        stored = {
            "violation_id": receipt.violation_id,
            "room_id": found["room_id"],
            "status": CLEARED if cleared else room and room.state,
            "duplicate": receipt.duplicate,
            "expires_at": found["expires_at"],
            "verdict": found["verdict"],
            "answers": found["answers"],
            "links": {
                "gate": f"{self.public_url}/gate/{receipt.violation_id}",
                "room": found["room_url"],
            },
        }
        if cleared:
            told = ("outcome", "reason", "rule", "exception")
            stored |= {key: found[key] for key in told if key in found}
        return stored


def _ignored(reason: str) -> dict[str, Any]:
    return {"status": "ignored", "reason": clean(reason)}


class WebhookRoute(Described):
    """A source's path: described like every route, and past what Starlette does for others.

    No pattern is matched, and no layer stands around it: together they cost as much as the work
    itself.
    """

    def __init__(self, intake: Intake, source: Source[Any]) -> None:
        async def receive(request: Request) -> Response:
            if refusal := intake.places.refusal(source):
                return answer(refusal)
            # Of a header that comes twice the first counts.
            headers = {
                name.decode("latin-1"): value.decode("latin-1")
                for name, value in reversed(request.scope["headers"])
            }
            try:
                message = Message(headers, await raw_body(request, source.body_limit))
                return JSONResponse(await intake.receive(source, message), 202)
            except RequestError as error:
                # Without its message: that may repeat what was in the body.
                log.info(
                    "webhook.refused", source=source.name, status=error.status, code=error.code
                )
                return answer(error)
            except Exception:
                log.exception("webhook.failed", source=source.name)
                return answer(failed())

        operation = description.webhook(source.path, source.description)
        super().__init__("POST", source.path, receive, source.name, operation)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether a request is for this path, whatever its method."""
        ours = scope["type"] == "http" and scope["path"] == self.path
        return Match.FULL if ours else Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for this path, whatever its method."""
        if scope["method"] == "POST":
            response = await self.endpoint(Request(scope, receive))
        else:
            headers = {"Allow": "POST"}
            response = answer(
                RequestError(405, "method_not_allowed", "Method Not Allowed", headers=headers)
            )
        await response(scope, receive, send)


def unknown_source(intake: Intake) -> Endpoint:
    """What answers for every path below `/webhooks/` that is no source's."""

    async def refuse(request: Request) -> Response:
        raise intake.missing(f"there is no source {request.path_params['name'][:NAME_MOST]!r}")

    return refuse
