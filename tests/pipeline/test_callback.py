"""Callbacks: signed, the same at each attempt, and what each answer of the receiver leads to."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from email.utils import format_datetime

import pytest
from aiohttp import web
from freezegun import freeze_time
from standardwebhooks import Webhook

from bot.engine.verdict_json import verdict
from bot.integrations.callback import deliver
from bot.integrations.callback.addresses import Addresses
from bot.integrations.callback.deliver import Callback
from bot.outbox.delivery import Claimed, FinalError, PassingError
from bot.signatures import sign
from tests.build import START, in_room
from tests.holding import Holding
from tests.pipeline import build
from tests.pipeline.build import NOW, effect, room, told
from tests.serving import serving
from tests.sources.conftest import SECRETS

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
HERE = Addresses(allow=["127.0.0.1"])


async def _deliver(url: str | None, claimed: Claimed | None = None) -> None:
    callback = Callback(
        Holding(told(url), room=room(url)), SECRETS[0], lambda: NOW, sign, lambda: HERE
    )
    await build.deliver(callback, claimed or effect(), room(url))


@asynccontextmanager
async def _receiver(handler: Handler) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_post("/verdicts", handler)
    async with serving(app) as url:
        yield f"{url}/verdicts"


def _says(status: int, **headers: str) -> Handler:
    async def answer(_: web.Request) -> web.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(status=status, headers=named)

    return answer


async def test_the_gates_answer_is_posted_signed_and_known_by_the_same_id_each_time() -> None:
    heard: list[tuple[bytes, dict[str, str]]] = []

    async def take(request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        heard.append((await request.read(), headers))
        return web.Response(status=204)

    async with _receiver(take) as url:
        await _deliver(url)
        await _deliver(url, effect(attempts=2))
    content, headers = heard[0]
    assert json.loads(content) == verdict("violation1", in_room(room(url)), START)
    with freeze_time(NOW):  # the oracle looks at the clock itself
        assert Webhook(SECRETS[0]).verify(content, headers)
    assert {said["webhook-id"] for _, said in heard} == {"verdict_violation1"}


@pytest.mark.parametrize("status", [400, 401, 404, 410, 422])
async def test_a_refusal_is_final(status: int) -> None:
    async with _receiver(_says(status)) as url:
        with pytest.raises(FinalError, match=str(status)):
            await _deliver(url)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 503])
async def test_a_passing_failure_is_tried_again(status: int) -> None:
    async with _receiver(_says(status)) as url:
        with pytest.raises(PassingError, match=str(status)):
            await _deliver(url)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("17", 17),
        ("0", None),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("99999999", 3600),
        ("9" * 5000, 3600),
        ("٣", None),
        (format_datetime(NOW, usegmt=True), None),
        (format_datetime(NOW.replace(year=NOW.year + 9, day=1), usegmt=True), 3600),
    ],
)
async def test_retry_after_is_heard_and_never_puts_a_verdict_off_for_long(
    said: str, seconds: float | None
) -> None:
    headers = {"retry_after": said} if said.isascii() else {}
    async with _receiver(_says(503, **headers)) as url:
        with pytest.raises(PassingError) as caught:
            await _deliver(url)
    assert caught.value.retry_after == seconds


async def test_no_redirect_is_followed() -> None:
    followed = False

    async def elsewhere(_: web.Request) -> web.Response:
        nonlocal followed
        followed = True
        return web.Response()

    async with _receiver(elsewhere) as other, _receiver(_says(307, location=other)) as url:
        with pytest.raises(PassingError, match="307"):
            await _deliver(url)
    assert not followed


async def test_of_the_answer_no_body_is_read() -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        try:
            while True:
                await answer.write(b"x" * 65_536)
        except ConnectionError:
            return answer

    async with _receiver(endless) as url, asyncio.timeout(5):
        await _deliver(url)


async def test_a_receiver_that_never_answers_is_given_up_for_now(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(deliver, "TIMEOUT_SECONDS", 0.2)
    silent = asyncio.Event()

    async def never(_: web.Request) -> web.Response:
        await silent.wait()
        return web.Response()

    async with _receiver(never) as url:
        with pytest.raises(PassingError):
            await _deliver(url)
        silent.set()


async def test_a_receiver_that_is_away_is_asked_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}/verdicts"
    with pytest.raises(PassingError, match="callback"):
        await _deliver(url)


async def test_a_verdict_is_never_sent_unsigned() -> None:
    url = "http://ci.test/"
    unsigned = Callback(Holding(told(url), room=room(url)), None, lambda: START, sign, lambda: HERE)
    with pytest.raises(PassingError, match="WARROOM_WEBHOOK_SECRET"):
        await build.deliver(unsigned, effect(), room(url))


@pytest.mark.parametrize("wanted", ["violation1", "another"])
async def test_without_an_address_there_is_nothing_to_repeat(wanted: str) -> None:
    with pytest.raises(FinalError):
        await _deliver(None, effect(wanted=wanted))
