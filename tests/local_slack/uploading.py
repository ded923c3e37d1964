"""Short ways to upload a file and to get one."""

from typing import Any

import httpx

from tests.local_slack.support import Json, Local

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 16
PIXELS = {"png": PNG, "jpg": b"\xff\xd8\xff\xe0", "gif": b"GIF89a..", "webp": b"RIFF1234WEBPVP8 "}


async def get(here: Local, url: str, user: str | None = None, **more: Any) -> httpx.Response:  # noqa: ANN401
    assert url.startswith(here.slack.url)
    async with httpx.AsyncClient(trust_env=False) as http:
        return await http.get(url, params={"user": user} if user else None, **more)


async def send(url: str, **more: Any) -> httpx.Response:  # noqa: ANN401
    async with httpx.AsyncClient(trust_env=False) as http:
        return await http.post(url, **more)


async def announced(here: Local, name: str = "a.txt", length: int = 3) -> tuple[str, str]:
    answer = await here.client.files_getUploadURLExternal(filename=name, length=length)
    return str(answer["file_id"]), str(answer["upload_url"])


async def uploaded(here: Local, name: str = "a.txt", content: bytes = b"abc") -> str:
    file, url = await announced(here, name, len(content))
    assert (await send(url, content=content)).status_code == 200
    return file


def bare(file: str) -> list[dict[str, str | None]]:
    return [{"id": file}]


async def shared(here: Local, channel: str, name: str, content: bytes) -> Json:
    answer = await here.client.files_upload_v2(channel=channel, filename=name, content=content)
    file: Json = answer["file"]
    return file
