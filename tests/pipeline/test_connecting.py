"""A verdict goes to the address that was checked, whatever the name means a moment later."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from bot.integrations.callback.addresses import Addresses
from bot.integrations.callback.deliver import Callback
from bot.outbox.delivery import FinalError, PassingError
from bot.signatures import sign
from tests.build import START
from tests.holding import Holding
from tests.pipeline import build
from tests.pipeline.build import effect, room, told
from tests.serving import serving
from tests.sources.conftest import SECRETS


class Names:
    """A resolver that gives its answers one after the other, the last one for ever."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class Heard:
    """What a receiver was sent: the Host header of each request."""

    def __init__(self) -> None:
        self.hosts: list[str] = []
        self.redirect: str | None = None

    async def take(self, request: web.Request) -> web.Response:
        self.hosts.append(request.headers["Host"])
        headers = {"Location": self.redirect} if self.redirect else {}
        return web.Response(status=307 if self.redirect else 200, headers=headers)


@asynccontextmanager
async def _listening(heard: Heard, host: str = "127.0.0.1") -> AsyncIterator[int]:
    app = web.Application()
    app.router.add_post("/{path:.*}", heard.take)
    async with serving(app, host) as url:
        yield int(url.rpartition(":")[2])


async def _deliver(url: str, addresses: Addresses) -> None:
    callback = Callback(
        Holding(told(url), room=room(url)), SECRETS[0], lambda: START, sign, lambda: addresses
    )
    await build.deliver(callback, effect(), room(url))


async def test_a_name_is_looked_up_once_and_the_connection_goes_there() -> None:
    """Rebinding: a second look-up would lead somewhere else."""
    heard, names = Heard(), Names(["127.0.0.1"], ["127.0.0.9"])
    async with _listening(heard) as port:
        await _deliver(f"http://ci.acme.test:{port}/x", Addresses(["ci.acme.test"], names))
    assert names.asked == ["ci.acme.test"]
    assert heard.hosts == [f"ci.acme.test:{port}"]


async def test_a_name_that_turns_inside_between_two_attempts_is_refused_at_the_second() -> None:
    heard, names = Heard(), Names(["192.0.1.1"], ["127.0.0.1"])
    addresses = Addresses((), names)
    async with _listening(heard) as port:
        assert addresses.refusal(f"http://evil.test:{port}/") is None
        async with asyncio.timeout(5):
            assert await names("evil.test", port) == ["192.0.1.1"]
            with pytest.raises(FinalError, match=r"evil\.test is at 127\.0\.0\.1"):
                await _deliver(f"http://evil.test:{port}/", addresses)
    assert heard.hosts == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:{}/", "http://localhost:{}/"])
async def test_without_leave_nothing_is_sent_to_this_machine(url: str) -> None:
    heard = Heard()
    async with _listening(heard) as port:
        with pytest.raises(FinalError, match=r"callbacks\.allow in sources\.yaml"):
            await _deliver(url.format(port), Addresses())
    assert heard.hosts == []


async def test_a_redirect_to_this_machine_is_not_followed() -> None:
    inside, outside = Heard(), Heard()
    async with _listening(inside) as port, _listening(outside) as other:
        outside.redirect = f"http://127.0.0.1:{port}/"
        names = Names(["127.0.0.1"])
        with pytest.raises(PassingError, match="307"):
            await _deliver(f"http://ci.acme.test:{other}/", Addresses(["ci.acme.test"], names))
    assert len(outside.hosts) == 1
    assert inside.hosts == []


async def test_it_goes_by_ipv6_and_tries_the_next_address_where_one_takes_nothing() -> None:
    heard, names = Heard(), Names(["127.0.0.1", "::1"])
    async with _listening(heard, "::1") as port:
        await _deliver(f"http://ci.acme.test:{port}/", Addresses(["ci.acme.test"], names))
        await _deliver(f"http://[::1]:{port}/", Addresses(["::1"]))
        with pytest.raises(FinalError, match="::1 is loopback"):
            await _deliver(f"http://[::1]:{port}/", Addresses())
    assert heard.hosts == [f"ci.acme.test:{port}", f"[::1]:{port}"]


async def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would look the name up itself, and reach what we must not."""
    heard, proxy = Heard(), Heard()
    async with _listening(heard) as port, _listening(proxy) as other:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{other}")
        await _deliver(f"http://ci.acme.test:{port}/", Addresses(["ci.acme.test"], _here()))
    assert (len(heard.hosts), proxy.hosts) == (1, [])


async def test_by_tls_the_server_is_asked_for_under_its_name() -> None:
    """The address is ours, the name is the certificate's: SNI has it in clear."""
    hello: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hello.set_result(await reader.read(4096))
        writer.close()

    server = await asyncio.start_server(read, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(PassingError):
            await _deliver(f"https://ci.acme.test:{port}/", Addresses(["ci.acme.test"], _here()))
    assert b"ci.acme.test" in await hello


async def test_a_name_without_an_address_may_have_one_later() -> None:
    async def none(host: str, port: int) -> list[str]:
        raise OSError("Name or service not known")

    with pytest.raises(PassingError, match="not known"):
        await _deliver("https://ci.acme.test/", Addresses((), none))
    with pytest.raises(PassingError, match="no address"):
        await _deliver("https://ci.acme.test/", Addresses((), Names([])))


def _here() -> Names:
    return Names(["127.0.0.1"])
