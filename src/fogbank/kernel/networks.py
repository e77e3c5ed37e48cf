"""Addresses and networks (CIDR blocks): reading them, and what is inside of what."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

PLACES_REMEMBERED = 10_000
"""Reading an address costs more than looking it up, and most requests come from few."""


def address_of(text: str) -> Address | None:
    """The address that `text` is, or None where it is none."""
    try:
        return ip_address(text)
    except ValueError:
        return None


def plain(address: Address) -> Address:
    """An IPv4 address that comes as an IPv6 one (RFC 4291, 2.5.5.2) is the IPv4 address; any other is itself."""
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def networks_of(texts: Iterable[str]) -> tuple[Network, ...]:
    """Networks such as `10.0.0.0/8`, `::1/128` or a single address; `ValueError` for none, or bits beside the mask."""
    return tuple(ip_network(text) for text in texts)


def is_in(address: Address, networks: Iterable[Network]) -> bool:
    """Whether `address` is in one of them."""
    return any(address in network for network in networks)


def is_within(text: str, networks: Iterable[Network]) -> bool:
    """Whether the address `text` is in one of them; what is no address is in none."""
    address = address_of(text)
    return address is not None and is_in(plain(address), networks)


def is_inside(inner: Network, outer: Iterable[Network]) -> bool:
    """Whether all addresses of `inner` are in one of `outer`."""
    return any(_is_subnet(inner, network) for network in outer)


@lru_cache(PLACES_REMEMBERED)
def address_place(text: str) -> str:
    """What counts as one place: an IPv4 address, or an IPv6 /64, since one client holds all of it."""
    address = address_of(text)
    if address is None:
        return text
    address = plain(address)
    return f"{int(address) >> 64:x}::/64" if isinstance(address, IPv6Address) else str(address)


def _is_subnet(inner: Network, outer: Network) -> bool:
    if isinstance(inner, IPv4Network) and isinstance(outer, IPv4Network):
        return inner.subnet_of(outer)
    return isinstance(inner, IPv6Network) and isinstance(outer, IPv6Network) and inner.subnet_of(outer)
