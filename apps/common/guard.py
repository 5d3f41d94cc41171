"""Addresses that somebody typed: only what all the world can reach may be called.

A name is resolved once, every address it has is judged, and the connection goes to an address that
was judged, so that a name which means something else a moment later gains nothing. The same parser
reads the address for the judgement and for the call.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass

import httpx

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

PORTS = {"http": 80, "https": 443}
GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
# Inside what Python calls global, yet ways to somewhere else: into IPv4, or nowhere.
WAYS_ELSEWHERE: list[Network] = [
    ipaddress.ip_network("192.88.99.0/24"),  # 6to4 relays (RFC 7526)
    ipaddress.ip_network("2001::/23"),  # Teredo, ORCHID and other protocol assignments (RFC 2928)
    ipaddress.ip_network("2002::/16"),  # 6to4 (RFC 3056)
    ipaddress.ip_network("3fff::/20"),  # documentation (RFC 9637)
]


class GuardError(Exception):
    """An address that is not called, and why, in words for whoever typed it."""


@dataclass(frozen=True, slots=True)
class Guard:
    """What may be called besides public addresses: the networks an admin allowed."""

    allowed: Sequence[Network]

    def read(self, address: str) -> httpx.URL:
        """Read what somebody typed; GuardError says what to correct. Nothing is looked up."""
        try:
            url = httpx.URL(address)
        except httpx.InvalidURL as error:
            raise GuardError(f"This is no address: {error}.") from error
        if url.scheme not in PORTS or not url.host:
            raise GuardError("Give a whole address, as https://example.com/hook.")
        if url.userinfo:
            raise GuardError("Leave out the name and password before the @.")
        if url.fragment:
            raise GuardError("Leave out what stands behind the #: it is never sent.")
        return url

    async def pin(self, url: httpx.URL) -> list[str]:
        """Return the addresses to connect to, in the resolver's order, all of them judged."""
        loop = asyncio.get_running_loop()
        host, port = url.raw_host.decode("ascii"), url.port or PORTS[url.scheme]
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise GuardError(f"The name {host} can't be found.") from error
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        for address in addresses:
            self._judge(address, url.scheme)
        return addresses

    def _judge(self, text: str, scheme: str) -> None:
        address = ipaddress.ip_address(text.partition("%")[0])
        if any(address in network for network in self.allowed):
            return
        if not _is_public(address):
            raise GuardError(f"{text} is not a public address, and not one that is allowed.")
        if scheme != "https":
            raise GuardError("Only https:// reaches public addresses.")


def _is_public(address: Address) -> bool:
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if any(address in network for network in WAYS_ELSEWHERE):
        return False
    return address.version == 4 or address in GLOBAL_UNICAST
