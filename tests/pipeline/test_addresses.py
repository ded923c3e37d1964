"""Callbacks go to public addresses, or where the configuration allows it by name."""

import ipaddress

import pytest
from yarl import URL

from bot.integrations.callback.addresses import Addresses, RefusedError, Resolver, kind, resolved
from tests.build import report

pytestmark = pytest.mark.either_database

INSIDE = {
    "0.0.0.0": "unspecified",
    "10.1.2.3": "private",
    "100.64.0.1": "shared by a carrier",
    "100.100.100.200": "shared by a carrier",  # a cloud's metadata
    "127.0.0.1": "loopback",
    "168.63.129.16": "a cloud's own",
    "169.254.169.254": "link-local",  # most clouds' metadata
    "172.31.255.255": "private",
    "192.0.0.192": "reserved",  # a cloud's metadata
    "192.88.99.1": "6to4",
    "192.168.1.1": "private",
    "198.18.0.1": "for benchmarks",
    "224.0.0.1": "multicast",
    "239.255.255.255": "multicast",
    "255.255.255.255": "reserved",
    "::": "unspecified",
    "::1": "loopback",
    "::7f00:1": "an IPv4 address in disguise",
    "::ffff:127.0.0.1": "an IPv4 address in disguise",
    "::ffff:8.8.8.8": "an IPv4 address in disguise",
    "64:ff9b::7f00:1": "NAT64",
    "64:ff9b:1::7f00:1": "NAT64",
    "2001::1": "reserved",
    "2002:7f00:1::1": "6to4",
    "fd00:ec2::254": "unique-local",  # a cloud's metadata
    "fe80::1": "link-local",
    "fe80::1%lo": "link-local",
    "fec0::1": "reserved",
    "ff02::1": "multicast",
    "3fff::1": "for documentation",
    "100::1": "reserved",
}
PUBLIC = ("8.8.8.8", "1.1.1.1", "172.32.0.1", "192.0.1.1", "2606:4700::1111", "2a00:1450::1")


@pytest.mark.parametrize(("address", "what"), INSIDE.items())
def test_an_address_that_is_not_public_is_refused_and_called_by_its_kind(
    address: str, what: str
) -> None:
    assert kind(address) == what
    host = f"[{address}]" if ":" in address else address
    if "%" not in address:
        said = Addresses().refusal(f"https://{host}/x")
        assert said
        assert what in said


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_taken(address: str) -> None:
    assert kind(address) is None


def test_what_python_calls_private_is_never_called_public_here() -> None:
    """An oracle: some address of each network that Python knows to be no public one."""
    networks = [f"{first}.{second}.0.1" for first in range(256) for second in (0, 64, 88, 168, 254)]
    networks += [f"{first:x}::1" for first in range(0, 65536, 64)]
    for address in networks:
        if ipaddress.ip_address(address).is_private:
            assert kind(address), address


@pytest.mark.parametrize(
    "spelling",
    [
        "2130706433",
        "017700000001",
        "0x7f000001",
        "0177.0.0.1",
        "0x7f.1",
        "127.1",
        "127.0.0.1.",
        "\uff11\uff12\uff17.0.0.1",
        "\u2460\u2461\u2466.\u24ea.\u24ea.\u2460",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:ffff:127.0.0.1]",
        "user@127.0.0.1",
        "127.0.0.1%2e",
    ],
)
def test_no_spelling_of_an_address_hides_it(spelling: str) -> None:
    """As a report brings it: what is checked is what its URL means."""
    assert Addresses().refusal(str(report(callback_url=f"http://{spelling}/").callback_url))


@pytest.mark.parametrize("spelling", ["2130706433", "0x7f.1", "127.1", "localhost"])
async def test_a_spelling_that_only_the_resolver_understands_is_refused_by_its_address(
    spelling: str,
) -> None:
    with pytest.raises(RefusedError, match=r"127\.0\.0\.1|::1"):
        await Addresses().of(URL(f"http://{spelling}/"))


@pytest.mark.parametrize(
    ("allowed", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000/"),
        ("::1", "http://[::1]/"),
        ("0:0::1", "http://[::1]/"),
        ("CI.Internal.", "http://ci.internal/"),
        ("ci.internal", "http://CI.INTERNAL.:80/"),
    ],
)
async def test_a_host_that_is_allowed_by_name_may_be_anywhere(allowed: str, url: str) -> None:
    addresses = Addresses([allowed], _says("10.0.0.1"))
    assert addresses.refusal(url) is None
    assert await addresses.of(URL(url)) == ["10.0.0.1"]


async def test_another_name_of_an_allowed_address_is_not_allowed() -> None:
    """What is allowed is written down: `localhost` is not `127.0.0.1`."""
    addresses = Addresses(["127.0.0.1"], _says("127.0.0.1"))
    with pytest.raises(RefusedError, match=r"evil\.test is at 127\.0\.0\.1, which is loopback"):
        await addresses.of(URL("http://evil.test/"))


async def test_one_address_that_is_not_public_is_enough_and_the_key_is_named() -> None:
    addresses = Addresses((), _says("8.8.8.8", "2606:4700::1", "10.0.0.5"))
    with pytest.raises(
        RefusedError, match=r"10\.0\.0\.5, which is private.*callbacks\.allow in sources\.yaml"
    ):
        await addresses.of(URL("https://ci.acme.test/"))


async def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    """It would lie in the database; even where the host is allowed."""
    said = Addresses(["ci.internal"]).refusal("https://user:hunter2@ci.internal/")
    assert said
    assert "hunter2" not in said


async def test_what_can_be_no_name_is_refused_for_good() -> None:
    for host in ("a" * 64 + ".test", "a..b"):
        with pytest.raises(RefusedError, match="no host name"):
            await Addresses().of(URL(f"http://{host}/"))


async def test_this_machine_finds_its_own_name() -> None:
    assert set(await resolved("localhost", 80)) & {"127.0.0.1", "::1"}


def _says(*found: str) -> Resolver:
    async def resolve(host: str, port: int) -> list[str]:
        return list(found)

    return resolve
