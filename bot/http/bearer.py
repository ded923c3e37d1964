"""Who shows a token may ask; whoever doesn't learns nothing else."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated

from fastapi import Depends, Header
from fastapi.security import HTTPBearer

from bot.http.description import BEARER
from bot.integrations.request_error import no_token
from bot.integrations.standard.gate import VARIABLES, who_shows
from bot.signatures import Bearer, Secret


def authorized(tokens: Sequence[Secret]) -> Callable[..., Awaitable[Bearer]]:
    """A dependency, so that it comes before whatever else a request could be told.

    It gives who shows a token.
    """
    described = HTTPBearer(scheme_name=BEARER, auto_error=False)

    async def check(
        _: Annotated[object, Depends(described)],
        authorization: Annotated[str, Header(include_in_schema=False)] = "",
    ) -> Bearer:
        if not tokens:
            raise no_token(f"no token is configured: set {VARIABLES}")
        return who_shows(tokens, authorization)

    return check
