"""Connections to exactly the addresses that were checked.

Rules
- The name is looked up once for a request: an answer that changes between check and connection
  (DNS rebinding) changes nothing.
- Host, SNI and the certificate's name stay those of the URL.
- Of several addresses the next is tried where one takes no connection; all share one time-out.
- No proxy that the environment names is used: it would look the name up itself.
"""

import socket
from collections.abc import Sequence

from aiohttp import ClientSession, DummyCookieJar, TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult

HEADER_MOST = 64 * 1024


class Checked(AbstractResolver):
    """Finds `addresses`, whatever it is asked for; aiohttp doesn't ask for what is one itself."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Where to connect."""
        del family  # both: the connector is asked for any
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST,
            )
            for address in self._addresses
        ]

    async def close(self) -> None:
        """Nothing is open."""


def session_to(addresses: Sequence[str]) -> ClientSession:
    """A session for one request, to a host that is at `addresses`.

    A verdict that was received isn't posted again for a long header of the answer.
    """
    connector = TCPConnector(resolver=Checked(addresses), use_dns_cache=False, force_close=True)
    return ClientSession(
        connector=connector,
        cookie_jar=DummyCookieJar(),
        trust_env=False,
        max_field_size=HEADER_MOST,
    )
