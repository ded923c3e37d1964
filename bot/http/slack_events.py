"""`POST /slack/events`: what Slack sends, once it is fit for Bolt to read."""

from fastapi import APIRouter, Request, Response
from slack_bolt.adapter.fastapi.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp

from bot.http.server import raw_body
from bot.integrations.request_error import malformed, unsigned
from bot.integrations.slack.hear.guard import refuse, too_large_unsigned
from bot.integrations.source import KIB

BODY_LIMIT = 4096 * KIB


def router(slack: AsyncApp, signing_secret: str) -> APIRouter:
    """The route that Slack calls."""
    routes, handler = APIRouter(), AsyncSlackRequestHandler(slack)

    @routes.post("/slack/events", include_in_schema=False)
    async def hear(request: Request) -> Response:
        body = await raw_body(request, BODY_LIMIT)
        if too_large_unsigned(request.headers, body, signing_secret):
            raise unsigned("not signed by Slack")
        if reason := refuse(request.headers, body):
            raise malformed(reason)
        request._body = body  # noqa: SLF001 - Starlette's own cache: the handler reads it there
        return await handler.handle(request)

    return routes
