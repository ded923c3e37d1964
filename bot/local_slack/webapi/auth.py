"""api.test, auth.test, bots.info and apps.connections.open."""

from bot.local_slack.slack_errors import SlackError
from bot.local_slack.state.records import Json
from bot.local_slack.webapi.method import Call, Method, TokenKind, everywhere, words
from bot.local_slack.webapi.rates import Tier


def _echo(call: Call) -> Json:
    """What was sent; with `error`, as a refusal of that name."""
    error = call.args.optional("error")
    refused = {} if error is None else {"ok": False, "error": error}
    return {**refused, "args": call.args.shown()}


def _test(call: Call) -> Json:
    config = call.workspace.config
    enterprise = {} if config.enterprise_id is None else {"enterprise_id": config.enterprise_id}
    whole = config.enterprise_install
    return {
        "url": f"https://{config.team_domain}.slack.com/",
        "team": config.team_name,
        "user": config.bot_name,
        # Of an app that a whole enterprise has installed, the team is the enterprise.
        "team_id": config.enterprise_id if whole else config.team_id,
        "user_id": config.bot_user_id,
        "bot_id": config.bot_id,
        "is_enterprise_install": whole,
        **enterprise,
    }


def _bot(call: Call) -> Json:
    config = call.workspace.config
    if call.args.optional("bot") != config.bot_id:
        raise SlackError("bot_not_found")
    return {
        "bot": {
            "id": config.bot_id,
            "deleted": False,
            "name": config.bot_name,
            "updated": 0,
            "app_id": config.app_id,
            "user_id": config.bot_user_id,
            "icons": {},
        }
    }


def _open_connection(call: Call) -> Json:
    ticket = call.workspace.tickets.new_link()
    base = call.base_url.replace("http", "ws", 1)
    return {"url": f"{base}/link?ticket={ticket}&app_id={call.workspace.config.app_id}"}


METHODS = (
    Method("api.test", _echo, Tier.T4, token=TokenKind.NONE, optional=words("error foo")),
    Method("auth.test", _test, Tier.SPECIAL),
    Method(
        "bots.info",
        _bot,
        Tier.T3,
        everywhere("users:read"),
        optional=words("bot team_id"),
        errors=words("bot_not_found"),
        json_body=False,
    ),
    Method(
        "apps.connections.open",
        _open_connection,
        Tier.T3,
        everywhere("connections:write"),
        token=TokenKind.APP,
    ),
)
