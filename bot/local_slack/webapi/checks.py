"""What every call has to pass before its method runs.

In this order: the method exists, a token if it wants one, the right one, the rate, a scope, the
arguments. What refuses a call has to be an error that the method declares: anything else fails
loudly.
"""

from bot.local_slack.slack_errors import SlackError, invalid_arguments
from bot.local_slack.state.records import Json
from bot.local_slack.state.workspace import Workspace
from bot.local_slack.webapi.args import Args
from bot.local_slack.webapi.method import Call, Method, TokenKind, missing_scope
from bot.local_slack.webapi.method_table import METHODS
from bot.local_slack.webapi.rates import Rates

PER_CHANNEL = "chat.postMessage"


def answer(
    workspace: Workspace, rates: Rates, name: str, args: Args, token: str, base_url: str
) -> Json:
    """What Slack answers to a call. Raises SlackError."""
    method = METHODS.get(name)
    if method is None:
        raise SlackError("unknown_method", req_method=name)
    try:
        return _checked(workspace, rates, method, args, token, base_url)
    except SlackError as error:
        if not method.declares(error.error):
            raise AssertionError(f"{name} does not declare {error.error}") from error
        raise


def _checked(
    workspace: Workspace, rates: Rates, method: Method, args: Args, token: str, base_url: str
) -> Json:
    config = workspace.config
    if method.token is not TokenKind.NONE:
        _check_token(workspace, method, token)
    if config.rate_limits:
        if method.name == PER_CHANNEL:
            rates.count_message(args.text("channel"), token)
        else:
            rates.count(method.name, method.tier, token)
    held = config.scopes if method.token is TokenKind.BOT else config.app_scopes
    wanted = method.all_scopes
    if wanted and not set(wanted) & set(held):
        first = tuple(dict.fromkeys(alternatives[0] for alternatives in method.scopes.values()))
        raise missing_scope(first, held)
    for argument in method.required:
        if args.given(argument):
            continue
        if argument in method.missing:
            raise SlackError(method.missing[argument])
        raise invalid_arguments(f"[ERROR] missing required field: {argument}")
    call = Call(workspace, args, method, config.bot_user_id, base_url)
    return {"ok": True, **method.run(call)}


def _check_token(workspace: Workspace, method: Method, token: str) -> None:
    config = workspace.config
    if not token:
        raise SlackError("not_authed")
    kinds = {config.bot_token: TokenKind.BOT, config.app_token: TokenKind.APP}
    if token not in kinds:
        raise SlackError("invalid_auth")
    if kinds[token] is not method.token:
        raise SlackError("not_allowed_token_type")
