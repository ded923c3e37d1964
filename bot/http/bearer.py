"""Who shows a token may ask; whoever doesn't learns nothing else."""

from collections.abc import Sequence

from starlette.requests import Request

from bot.integrations.request_error import no_token
from bot.integrations.standard.gate import VARIABLES, who_shows
from bot.signatures import Bearer, Secret


def authorized(request: Request, tokens: Sequence[Secret]) -> Bearer:
    """Who shows one of `tokens`. RequestError otherwise.

    It comes before whatever else a request could be told.
    """
    if not tokens:
        raise no_token(f"no token is configured: set {VARIABLES}")
    return who_shows(tokens, request.headers.get("authorization", ""))
