"""`POST /slack/events`: what Slack sends, once it is fit for Bolt to read."""

from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.http.server import raw_body
from bot.integrations.request_error import malformed, unsigned
from bot.integrations.slack.hear.guard import refuse, too_large_unsigned
from bot.integrations.source import KIB

BODY_LIMIT = 4096 * KIB


def route(slack: AsyncApp, signing_secret: str) -> Route:
    """The route that Slack calls."""
    handler = AsyncSlackRequestHandler(slack)

    async def hear(request: Request) -> Response:
        body = await raw_body(request, BODY_LIMIT)
        if too_large_unsigned(request.headers, body, signing_secret):
            raise unsigned("not signed by Slack")
        if reason := refuse(request.headers, body):
            raise malformed(reason)
        request._body = body  # noqa: SLF001 - Starlette's own cache: the handler reads it there
        return await handler.handle(request)

    return Route("/slack/events", hear, methods=["POST"])
