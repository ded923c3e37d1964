"""Who shows the token may ask; whoever doesn't learns nothing else."""

import hmac
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from bot.integrations.request_error import RequestError


def authorized(token: str) -> Callable[..., Awaitable[None]]:
    """A dependency, so that it comes before whatever else a request could be told."""
    bearer = HTTPBearer(scheme_name="bearer", auto_error=False)

    async def check(
        credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
    ) -> None:
        shown = credentials.credentials if credentials else ""
        if token and hmac.compare_digest(shown.encode(), token.encode()):
            return
        message = (
            "a header `Authorization: Bearer …` with WARROOM_API_TOKEN is needed"
            if token
            else "no token is configured: set WARROOM_API_TOKEN"
        )
        challenge = {"WWW-Authenticate": "Bearer"}
        raise RequestError(401, "unauthorized", message, headers=challenge)

    return check
