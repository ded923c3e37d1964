"""A connection to the bot: as little work a request as can be, since sender and bot share cores."""

import asyncio
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

END = b"\r\n\r\n"


class Line:
    """One connection to the server at `url`; one request at a time."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = str(parts.hostname), int(parts.port or 80)

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection(self._host, self._port)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writer.close()
        await self._writer.wait_closed()

    async def post(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        """Status and body of the answer; IncompleteReadError where the connection ends."""
        return await self._ask("POST", path, headers, body)

    async def get(self, path: str, headers: dict[str, str]) -> tuple[int, bytes]:
        """The same of what is only read."""
        return await self._ask("GET", path, headers, b"")

    async def _ask(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, bytes]:
        given = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"{method} {path} HTTP/1.1\r\nhost: {self._host}\r\ncontent-length: {len(body)}\r\n"
        self._writer.write(f"{head}{given}\r\n".encode() + body)
        self._head = answer = (await self._reader.readuntil(END)).lower()
        _, found, rest = answer.partition(b"content-length:")
        length = int(rest.partition(b"\r\n")[0]) if found else 0
        return int(answer[9:12]), await self._reader.readexactly(length)

    def header(self, name: str) -> str:
        """A header of the latest answer; nothing where it has none of this name."""
        _, _, rest = self._head.partition(f"\r\n{name}:".encode())
        return rest.partition(b"\r\n")[0].decode().strip()
