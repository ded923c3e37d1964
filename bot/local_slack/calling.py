"""The control API from the outside: a request, and its answer parsed or raised."""

import ssl
from types import TracebackType
from typing import Any, Self

import httpx

from bot.local_slack.slack_errors import RefusedError

_PATIENCE = 30.0
_UNLIMITED = httpx.Limits(max_connections=None)  # each wait holds a connection
_PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # knows no certificate: all is plain HTTP here


class Control:
    """The control API: a request, and its answer parsed or raised."""

    def __init__(self, base_url: str) -> None:
        self.http = httpx.AsyncClient(
            base_url=base_url,
            timeout=_PATIENCE,
            limits=_UNLIMITED,
            verify=_PLAIN,
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.http.aclose()

    async def look(self, what: str, **query: str) -> dict[str, Any]:
        """Get `/control/{what}`. Raises RefusedError."""
        return _answer(await self.http.get(f"/control/{what}", params=query))

    async def order(self, what: str, **body: object) -> dict[str, Any]:
        """Post to `/control/{what}`, without what is None. Raises RefusedError."""
        given = {name: value for name, value in body.items() if value is not None}
        return _answer(await self.http.post(f"/control/{what}", json=given))

    async def forget(self, what: str) -> None:
        """Delete `/control/{what}`."""
        _answer(await self.http.delete(f"/control/{what}"))


def _answer(response: httpx.Response) -> dict[str, Any]:
    body: dict[str, Any] = response.json()
    if not body.get("ok"):
        raise RefusedError(str(body.get("error")), str(body.get("reason", body.get("error"))))
    return body
