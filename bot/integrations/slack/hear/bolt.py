"""The listeners on a Bolt app, all of them: buttons, modals, `/warroom`, the home tab, replies.

Rules
- The answer to Slack is sent after the listener has ended, so an acknowledgement means: stored.
- What another team or app sends is refused before a listener has it (see `Provenance`).
- Without a signing secret (Socket Mode) no HTTP request is ever taken for Slack's.
"""

import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.engine.engine import Engine
from bot.integrations.extension import Extension
from bot.integrations.slack.accounts import Accounts
from bot.integrations.slack.hear import exceptions, follow_ups
from bot.integrations.slack.hear.clicks import Clicks, Menu, room_of
from bot.integrations.slack.hear.details import Details
from bot.integrations.slack.hear.home_tab import HomeTab
from bot.integrations.slack.hear.memberships import Memberships
from bot.integrations.slack.hear.provenance import Provenance
from bot.integrations.slack.hear.replies import Replies
from bot.integrations.slack.hear.reports import Reporting
from bot.integrations.slack.hear.slash_command import SlashCommand
from bot.integrations.slack.hear.stream_modals import StreamModal
from bot.integrations.slack.hear.submissions import Submissions
from bot.integrations.slack.installation import Installed
from bot.integrations.slack.show.buttons import DETAILS, MORE
from bot.integrations.slack.show.modals import OPEN_MODAL, loggable, reference
from bot.integrations.slack.show.replies import USE_ANSWER
from bot.integrations.slack.user_groups import UserGroups
from bot.integrations.slack.verbs.verb import Form
from bot.storage.store import DatabaseUnavailableError

log = structlog.get_logger()

COMMAND = "/warroom"
NOT_FOUND, UNAVAILABLE = 404, 503


def bolt_app(
    engine: Engine,
    *,
    token: str,
    signing_secret: str,
    client: AsyncWebClient,
    parts: Extension,
) -> AsyncApp:
    """The Bolt app that hears what people do in Slack."""
    # Bolt warns of a token in the environment beside our client, which is as it is meant; what
    # else it has to say comes to `_failed`, and is logged there.
    quiet = logging.getLogger("bot.slack.bolt")
    quiet.setLevel(logging.ERROR)
    # It warns of a client with a token where `authorize` gives one, too: the same, without.
    tokenless = AsyncWebClient(
        base_url=client.base_url,
        session=client.session,
        timeout=client.timeout,
        ssl=client.ssl,
        proxy=client.proxy,
        headers=client.headers,
        retry_handlers=client.retry_handlers,
    )
    app = AsyncApp(
        logger=quiet,
        name="policy-war-room",
        signing_secret=signing_secret or secrets.token_hex(),
        client=tokenless,
        authorize=_authorize(token),
        process_before_response=True,
        raise_error_for_unhandled_request=True,
    )
    installed = Installed(client)
    app.use(Provenance(installed).checked)
    accounts = Accounts(client, engine.now)
    groups = UserGroups(client, accounts, lambda: engine.people, engine.now)
    memberships = Memberships(engine, groups, accounts, installed)
    listeners = {
        verb.action_id: Clicks(engine, memberships, verb).clicked for verb in parts.verbs
    } | {DETAILS: Details(engine).asked}
    for action_id, listener in listeners.items():
        app.action(action_id)(listener)
    app.action(MORE)(Menu(engine, listeners).chosen)
    for verb in parts.verbs:
        if isinstance(verb.act, Form):
            submissions = Submissions(engine, memberships, verb.act)
            app.view(verb.act.callback_id)(submissions.submitted)
    app.view(OPEN_MODAL)(Reporting(engine).submitted)
    app.command(COMMAND)(SlashCommand(engine, memberships, parts).used)
    app.event("app_home_opened")(HomeTab(engine).opened)
    replies = Replies(engine)
    app.event("message")(replies.written)
    app.action(USE_ANSWER)(replies.used)
    follow_ups.Samples(engine).listen_on(app)
    for asked in (*follow_ups.MODALS, *exceptions.MODALS):
        StreamModal(engine, memberships, asked).listen_on(app)
    app.error(_failed)
    return app


def _authorize(token: str) -> Callable[[AsyncBoltContext], Awaitable[AuthorizeResult]]:
    async def authorize(context: AsyncBoltContext) -> AuthorizeResult:
        # Who the bot is, is left out: only its own events are told by it, and none are listened to.
        return AuthorizeResult(
            enterprise_id=context.enterprise_id, team_id=context.team_id, bot_token=token
        )

    return authorize


async def _failed(error: Exception, request: AsyncBoltRequest) -> BoltResponse:
    kind = request.body.get("type") or request.body.get("command")
    if isinstance(error, BoltUnhandledRequestError):
        log.info("slack.unhandled", kind=kind)
        return BoltResponse(status=NOT_FOUND, body={"error": "unhandled request"})
    if isinstance(error, DatabaseUnavailableError):
        log.warning("slack.database_away", kind=kind, room=_room(request.body), error=str(error))
        return BoltResponse(status=UNAVAILABLE)
    log.error("slack.failed", kind=kind, room=_room(request.body), exc_info=error)
    return BoltResponse(status=UNAVAILABLE)


def _room(body: dict[str, Any]) -> str | None:
    """The room that a click or a modal is about."""
    actions, view = body.get("actions") or [{}], body.get("view") or {}
    value = room_of(actions[0]) or reference(str(view.get("private_metadata") or "")).room_id
    return loggable(value)
