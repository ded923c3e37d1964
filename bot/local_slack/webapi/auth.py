"""auth.test and apps.connections.open."""

from bot.local_slack.state.records import Json
from bot.local_slack.webapi.method import Call, Method, TokenKind, everywhere
from bot.local_slack.webapi.rates import Tier


def _test(call: Call) -> Json:
    config = call.workspace.config
    return {
        "url": f"https://{config.team_domain}.slack.com/",
        "team": config.team_name,
        "user": config.bot_name,
        "team_id": config.team_id,
        "user_id": config.bot_user_id,
        "bot_id": config.bot_id,
        "is_enterprise_install": False,
    }


def _open_connection(call: Call) -> Json:
    ticket = call.workspace.tickets.new_link()
    base = call.base_url.replace("http", "ws", 1)
    return {"url": f"{base}/link?ticket={ticket}&app_id={call.workspace.config.app_id}"}


METHODS = (
    Method("auth.test", _test, Tier.SPECIAL),
    Method(
        "apps.connections.open",
        _open_connection,
        Tier.T3,
        everywhere("connections:write"),
        token=TokenKind.APP,
    ),
)
