"""Who shows a token may ask; whoever doesn't learns nothing else."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated

from fastapi import Depends, Header
from fastapi.security import HTTPBearer

from bot.http.description import BEARER
from bot.integrations.request_error import no_token
from bot.integrations.standard.gate import VARIABLES
from bot.signatures import Secret, SignatureError, bearer


def authorized(tokens: Sequence[Secret]) -> Callable[..., Awaitable[str]]:
    """A dependency, so that it comes before whatever else a request could be told.

    It gives the name of the token that is shown, `gate` for one without.
    """
    described = HTTPBearer(scheme_name=BEARER, auto_error=False)

    async def check(
        _: Annotated[object, Depends(described)],
        authorization: Annotated[str, Header(include_in_schema=False)] = "",
    ) -> str:
        if not tokens:
            raise no_token(f"no token is configured: set {VARIABLES}")
        try:
            return bearer(tokens, authorization) or "gate"
        except SignatureError as error:
            raise no_token(f"{error}, with {VARIABLES}") from error

    return check
