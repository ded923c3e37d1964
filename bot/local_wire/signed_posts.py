"""Deliveries over HTTP, signed in the service's form.

Rules
- The bot has a deadline for its answer, which the service sets.
- An answer in JSON is read as such; one that can't be read is kept as the text that it is.
"""

import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp

from bot.local_wire.signature_forms import SignatureForm
from bot.local_wire.untrusted_json import parsed, whole

_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class PostAnswer:
    """What came back; the names of the headers are in lower case."""

    status: int
    body: object
    headers: Mapping[str, str]


class SignedPosts:
    """Posts bodies to one address after the other, over connections that are kept."""

    def __init__(self, form: SignatureForm, secret: str, deadline: float) -> None:
        self._form, self._secret = form, secret
        self._timeout = aiohttp.ClientTimeout(total=deadline)
        self._session: aiohttp.ClientSession | None = None

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> PostAnswer:
        """Deliver, and wait for the answer. Raises TimeoutError and aiohttp.ClientError."""
        self._session = self._session or aiohttp.ClientSession(timeout=self._timeout)
        signed = {**headers, **self._form.headers(self._secret, body, time.time())}
        async with self._session.post(url, data=body, headers=signed) as response:
            text = await response.text(errors="replace")
            said: object = whole(text)
            if response.content_type == _JSON and text.strip():
                with contextlib.suppress(ValueError):
                    said = parsed(text)
            known = {name.lower(): value for name, value in response.headers.items()}
            return PostAnswer(response.status, said, known)

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session is not None:
            await self._session.close()
