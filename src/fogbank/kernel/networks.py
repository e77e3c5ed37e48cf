"""Networks: CIDR blocks, and whether an address or another network is inside of them."""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network


def networks_of(texts: Iterable[str]) -> tuple[Network, ...]:
    """Networks such as `10.0.0.0/8`, `::1/128` or a single address; `ValueError` for none, or bits beside the mask."""
    return tuple(ip_network(text) for text in texts)


def is_within(address: str, networks: Iterable[Network]) -> bool:
    """Whether `address` is in one of them; what is no address is in none."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    plain = (isinstance(parsed, IPv6Address) and parsed.ipv4_mapped) or parsed
    return any(plain in network for network in networks)


def is_inside(inner: Network, outer: Iterable[Network]) -> bool:
    """Whether all addresses of `inner` are in one of `outer`."""
    return any(_is_subnet(inner, network) for network in outer)


def _is_subnet(inner: Network, outer: Network) -> bool:
    if isinstance(inner, IPv4Network) and isinstance(outer, IPv4Network):
        return inner.subnet_of(outer)
    return isinstance(inner, IPv6Network) and isinstance(outer, IPv6Network) and inner.subnet_of(outer)
