"""HTTP to exactly the address that was checked.

Rules
- The name is looked up once for a request: an answer that changes between check and connection
  (DNS rebinding) changes nothing.
- Host, SNI and the certificate's name stay those of the URL.
- Of several addresses the next is tried where one takes no connection; all share one time-out.
"""

from ssl import SSLContext

import httpx

from bot.integrations.callback.addresses import Addresses


class CheckedTransport(httpx.AsyncBaseTransport):
    """A transport that connects only where `addresses` lets it."""

    def __init__(self, addresses: Addresses, tls: SSLContext) -> None:
        self._addresses = addresses
        self._inner = httpx.AsyncHTTPTransport(verify=tls, trust_env=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send `request`. RefusedError, httpx.HTTPError, OSError."""
        addresses = await self._addresses.of(request.url)
        timeout = request.extensions.get("timeout", {})
        if seconds := timeout.get("connect"):
            timeout = timeout | {"connect": seconds / max(1, len(addresses))}
        name = request.url.raw_host.decode("ascii")
        extensions = {**request.extensions, "timeout": timeout, "sni_hostname": name}
        failed: httpx.TransportError | None = None
        for address in addresses:
            to_address = httpx.Request(
                request.method,
                request.url.copy_with(host=address),
                headers=request.headers,
                stream=request.stream,
                extensions=extensions,
            )
            try:
                return await self._inner.handle_async_request(to_address)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failed = error
        raise failed or httpx.ConnectError("the name has no address", request=request)

    async def aclose(self) -> None:
        """Close the connection."""
        await self._inner.aclose()
