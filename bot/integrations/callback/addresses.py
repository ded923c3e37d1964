"""Where a callback may go: to addresses that the whole internet reaches, and nowhere inside.

Rules
- Whoever may report a violation must not reach through us what only we can reach: a name is
  looked up, and refused if any of its addresses is not public.
- Only a host that the configuration allows by name may be anywhere.
- The networks stand here, not in `ipaddress.is_global`: that changes from release to release, and
  calls multicast, NAT64 and 6to4 global.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Collection, Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from yarl import URL

IPV6 = 6
KEY = "callbacks.allow in sources.yaml"
Resolver = Callable[[str, int], Awaitable[Sequence[str]]]

# https://www.iana.org/assignments/iana-ipv4-special-registry, and what clouds have beside it.
_INSIDE_4 = {
    "0.0.0.0/8": "unspecified",
    "10.0.0.0/8": "private",
    "100.64.0.0/10": "shared by a carrier",
    "127.0.0.0/8": "loopback",
    "168.63.129.16/32": "a cloud's own",
    "169.254.0.0/16": "link-local",
    "172.16.0.0/12": "private",
    "192.0.0.0/24": "reserved",
    "192.0.2.0/24": "for documentation",
    "192.88.99.0/24": "6to4",
    "192.168.0.0/16": "private",
    "198.18.0.0/15": "for benchmarks",
    "198.51.100.0/24": "for documentation",
    "203.0.113.0/24": "for documentation",
    "224.0.0.0/4": "multicast",
    "240.0.0.0/4": "reserved",
}
# Within 2000::/3; nothing outside of it is public, and each that can hide an IPv4 address is named.
_PUBLIC_6 = IPv6Network("2000::/3")
_INSIDE_6 = {
    "::/128": "unspecified",
    "::1/128": "loopback",
    "::/96": "an IPv4 address in disguise",
    "::ffff:0:0/96": "an IPv4 address in disguise",
    "64:ff9b::/96": "NAT64",
    "64:ff9b:1::/48": "NAT64",
    "2001::/23": "reserved",
    "2001:db8::/32": "for documentation",
    "2002::/16": "6to4",
    "3fff::/20": "for documentation",
    "fc00::/7": "unique-local",
    "fe80::/10": "link-local",
    "ff00::/8": "multicast",
}
_NETWORKS: list[tuple[IPv4Network | IPv6Network, str]] = [
    (ip_network(network), kind) for network, kind in (_INSIDE_4 | _INSIDE_6).items()
]


class RefusedError(Exception):
    """Why nothing is sent to a host, and what would allow it."""


async def resolved(host: str, port: int) -> list[str]:
    """Every address of `host`, as this machine finds it. OSError where there is none."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class Addresses:
    """Decides where callbacks may go; `allow` has the hosts that may be anywhere."""

    def __init__(self, allow: Collection[str] = (), resolve: Resolver = resolved) -> None:
        self._allow = frozenset(named(host) for host in allow)
        self._resolve = resolve

    def refusal(self, url: str) -> str | None:
        """Why `url` can be refused without looking up a name; None where it can't."""
        try:
            self._check(URL(url, encoded=True))
        except (ValueError, RefusedError) as error:
            return str(error)
        return None

    async def of(self, url: URL) -> list[str]:
        """The addresses that `url` may be connected at, each checked.

        RefusedError; OSError where the name can't be looked up.
        """
        self._check(url)
        host = _host(url)
        try:
            found = await self._resolve(host, url.port or 0)
        except UnicodeError as error:
            raise RefusedError(f"{host} is no host name") from error
        if not self._allowed(host):
            for address in found:
                _check_public(host, address)
        return list(found)

    def _check(self, url: URL) -> None:
        """What can be said of the address alone."""
        if url.raw_user or url.raw_password:
            raise RefusedError("has a user or a password, which would be stored: need one without")
        host = _host(url)
        if _address(host) and not self._allowed(host):
            _check_public(host, host)

    def _allowed(self, host: str) -> bool:
        return named(host) in self._allow


def named(host: str) -> str:
    """`host` in the one spelling that hosts are compared in."""
    bare = host.lower().removeprefix("[").removesuffix("]").rstrip(".")
    address = _address(bare)
    return str(address) if address else bare


def kind(address: str) -> str | None:
    """What `address` is, where it is not public: `loopback`, say, or `private`."""
    read = _address(address)
    if read is None:
        return "no address"
    for network, what in _NETWORKS:
        if read in network:
            return what
    return "reserved" if read.version == IPV6 and read not in _PUBLIC_6 else None


def _check_public(host: str, address: str) -> None:
    if what := kind(address):
        where = host if host == address else f"{host} is at {address}, which"
        raise RefusedError(f"{where} is {what}, not public: {KEY} would allow {named(host)}")


def _host(url: URL) -> str:
    return url.raw_host or ""


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
