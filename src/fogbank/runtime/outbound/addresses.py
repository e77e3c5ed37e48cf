"""Which addresses are public: nobody may have us knock at a door that only we can reach. Pure.

`ipaddress.is_global` alone does not tell: it is true of multicast, and of IPv6 forms that carry a private IPv4 address.
What follows is IANA's registries of special-purpose addresses, and multicast; of IPv6, where little is given out yet,
what is public rather than what is not.
"""

from collections.abc import Collection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from fogbank.kernel.networks import Address, Network, is_in, plain

NOT_PUBLIC_V4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared by customers of a carrier; a cloud's metadata, too
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # a cloud's own service, at an address that looks like anybody's
        "169.254.0.0/16",  # link-local, with clouds' metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)

GLOBAL_UNICAST = IPv6Network("2000::/3")
NOT_PUBLIC_V6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments: Teredo, benchmarking, ORCHID
        "2001:db8::/32",  # documentation
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)

NAT64 = IPv6Network("64:ff9b::/96")
"""Names of IPv4 hosts, for machines that have IPv6 only: as public as the host. (RFC 6052.)

Its sibling for local use, 64:ff9b:1::/48, is not public, whatever it carries. (RFC 8215.)
"""
SIX_TO_FOUR = IPv6Network("2002::/16")
ISATAP_IDENTIFIERS = (0x00005EFE, 0x02005EFE)
"""The upper half of an interface's identifier whose lower half is an IPv4 address. (RFC 5214.)"""
WORD = 0xFFFF_FFFF


def is_public(address: Address) -> bool:
    """Whether anybody on the Internet can reach it. An IPv4 address inside an IPv6 one must be public as well."""
    if isinstance(address, IPv4Address):
        return not is_in(address, NOT_PUBLIC_V4)
    if address.scope_id is not None:
        return False
    if address.ipv4_mapped is not None:
        return is_public(address.ipv4_mapped)
    if address in NAT64:
        return is_public(IPv4Address(int(address) & WORD))
    if address not in GLOBAL_UNICAST or is_in(address, NOT_PUBLIC_V6):
        return False
    return all(is_public(inner) for inner in _carried(address))


def is_allowed(address: Address, private_networks: Collection[Network] = ()) -> bool:
    """Whether we may connect: to public addresses, and to those networks that the operator lets through."""
    return is_public(address) or is_in(plain(address), private_networks)


def _carried(address: IPv6Address) -> list[IPv4Address]:
    """The IPv4 addresses to which 6to4 and ISATAP send on what is sent to this one."""
    number = int(address)
    carried = [IPv4Address(number >> 80 & WORD)] if address in SIX_TO_FOUR else []
    if number >> 32 & WORD in ISATAP_IDENTIFIERS:
        carried.append(IPv4Address(number & WORD))
    return carried
