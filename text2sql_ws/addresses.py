"""What an address says of where somebody is. Names are not looked up."""

import ipaddress

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
