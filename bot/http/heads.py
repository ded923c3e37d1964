"""A request's head, no larger than anybody needs: Uvicorn's fast parser has no limit of its own.

Rules
- What comes before the body is kept up to `HEAD_MOST` bytes, and the reads that fill it.
"""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_MOST = 64 * 1024


class LimitedHeads(HttpToolsProtocol):
    """Uvicorn's protocol, which ends a connection whose head has no end."""

    _in_head = True
    _head = 0

    def data_received(self, data: bytes) -> None:
        """Bytes of the connection."""
        self._head += len(data)
        super().data_received(data)
        if self._in_head and self._head > HEAD_MOST and not self.transport.is_closing():
            self.send_400_response("The head of the request is too large.")

    def on_message_begin(self) -> None:
        """A request begins."""
        self._in_head, self._head = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Its head has ended."""
        self._in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Its body has ended; another may follow on the connection."""
        self._head = 0
        super().on_message_complete()
