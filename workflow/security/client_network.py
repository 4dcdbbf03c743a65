"""Client address as a rate-limit key: an IPv4 address, or an IPv6 network of /64. Pure.

Over IPv6 whoever has one address has a whole network of them (RFC 6177): counted one by one they would have 18
quintillion tries. So a place is an IPv4 address or an IPv6 network of /64.
"""

from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Final

OWN: Final = 64
"""bits of an IPv6 address that say whose it is; in the others anybody is free"""


def place(address: str, *, loopback: bool = True) -> str | None:
    """What a network address counts as; None where it is none, or this machine's own and `loopback` is not wanted."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    if isinstance(found, IPv6Address):
        found = found.ipv4_mapped or found
    if found.is_loopback:
        return str(found) if loopback else None
    return str(IPv6Network((found, OWN), strict=False)) if isinstance(found, IPv6Address) else str(found)
