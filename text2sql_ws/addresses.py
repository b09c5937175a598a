"""What an address says of where somebody is. Names are not looked up."""

import ipaddress
from collections.abc import Iterable

NEIGHBOURHOOD_BITS = 64
"""Whoever has one IPv6 address has all of its /64."""


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address that `host` names."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def household(address: str) -> str:
    """`address`, or its /64 where it is IPv6: what one party can call its own."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((int(parsed), NEIGHBOURHOOD_BITS), strict=False))


class Proxies:
    """Reverse proxies that are believed when they say for whom they speak. Each is an address or a network.

    Raises `ValueError` for one that is neither.
    """

    def __init__(self, trusted: Iterable[str]) -> None:
        self._trusted = [ipaddress.ip_network(each) for each in trusted]

    def client(self, peer: str, forwarded_for: str) -> str:
        """Who asks: the last address of X-Forwarded-For that no proxy of ours has; `peer` where none is said.

        What stands before it was written by the client itself.
        """
        known = peer
        for said in reversed(forwarded_for.split(",")):
            if not self._are_ours(known):
                return known
            known = said.strip() if _is_address(said.strip()) else known
        return known

    def _are_ours(self, address: str) -> bool:
        return _is_address(address) and any(_plain(address) in network for network in self._trusted)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _plain(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """An IPv4 address that came as IPv6 is the IPv4 address that it is."""
    parsed = ipaddress.ip_address(address)
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return mapped or parsed
