"""Nobody has us knock at a door that only we can reach: whatever form an address takes, only public ones pass."""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis.strategies import builds, integers, ip_addresses, sampled_from

from fogbank.kernel.networks import Address, networks_of
from fogbank.runtime.outbound.addresses import is_allowed, is_public

WORD = 2**32 - 1


def mapped(inner: IPv4Address) -> IPv6Address:
    return IPv6Address((0xFFFF << 32) | int(inner))


def compatible(inner: IPv4Address) -> IPv6Address:
    return IPv6Address(int(inner))


def translated(inner: IPv4Address) -> IPv6Address:
    return IPv6Address((0xFFFF << 48) | int(inner))


def nat64(inner: IPv4Address) -> IPv6Address:
    return IPv6Address(int(IPv6Address("64:ff9b::")) | int(inner))


def nat64_local(inner: IPv4Address) -> IPv6Address:
    return IPv6Address(int(IPv6Address("64:ff9b:1::")) | int(inner))


def six_to_four(inner: IPv4Address) -> IPv6Address:
    return IPv6Address((0x2002 << 112) | int(inner) << 80 | 1)


def teredo(inner: IPv4Address) -> IPv6Address:
    return IPv6Address((0x2001 << 112) | (int(inner) ^ WORD))


def isatap(inner: IPv4Address) -> IPv6Address:
    return IPv6Address(int(IPv6Address("2a00:1450::5efe:0:0")) | int(inner))


def isatap_universal(inner: IPv4Address) -> IPv6Address:
    return IPv6Address(int(IPv6Address("2a00:1450::200:5efe:0:0")) | int(inner))


FORMS = [
    mapped,
    compatible,
    translated,
    nat64,
    nat64_local,
    six_to_four,
    teredo,
    isatap,
    isatap_universal,
]
PRIVATE_V4 = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
]
private_v4s = sampled_from(PRIVATE_V4).flatmap(lambda network: ip_addresses(v=4, network=network))


@given(private_v4s)
def test_no_special_ipv4_address_is_public(address: IPv4Address) -> None:
    assert not is_public(address)


@given(private_v4s, sampled_from(FORMS))
def test_no_form_of_ipv6_carries_a_special_ipv4_address_through(
    inner: IPv4Address, form: Callable[[IPv4Address], IPv6Address]
) -> None:
    assert not is_public(form(inner))


@given(ip_addresses())
def test_what_python_calls_private_or_multicast_is_never_public(address: Address) -> None:
    carries_another = any(address in network for network in networks_of(["::ffff:0:0/96", "64:ff9b::/96"]))
    if is_public(address) and not carries_another:
        assert address.is_global
        assert not address.is_multicast


@given(
    sampled_from(
        ["fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8", "::/96", "100::/64", "2001::/23", "2001:db8::/32"]
    ).flatmap(lambda network: ip_addresses(v=6, network=network))
)
def test_no_special_ipv6_address_is_public(address: IPv6Address) -> None:
    assert not is_public(address)


@given(builds(lambda high, low: IPv6Address(high << 64 | low), integers(0, 2**64 - 1), integers(0, 2**64 - 1)))
def test_only_given_out_ipv6_addresses_are_public(address: IPv6Address) -> None:
    if is_public(address):
        assert address in networks_of(["2000::/3"])[0]


@pytest.mark.parametrize(
    "text",
    [
        "169.254.169.254",
        "100.100.100.200",
        "168.63.129.16",
        "fd00:ec2::254",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "224.0.0.1",
        "::1",
        "::",
        "::ffff:127.0.0.1",
        "fe80::1%eth0",
        "2a00:1450::1%eth0",
        "255.255.255.255",
    ],
)
def test_known_traps_are_not_public(text: str) -> None:
    assert not is_public(ip_address(text))


@pytest.mark.parametrize(
    "text",
    [
        "1.1.1.1",
        "93.184.216.34",
        "172.32.0.1",
        "100.128.0.1",
        "2606:4700::1111",
        "64:ff9b::101:101",
        "::ffff:8.8.8.8",
        "2002:0808:0808::1",
    ],
)
def test_public_addresses_are_public(text: str) -> None:
    assert is_public(ip_address(text))


def test_the_operator_lets_own_networks_through_and_nothing_beside_them() -> None:
    networks = networks_of(["127.0.0.0/8", "fd12::/16"])
    assert is_allowed(ip_address("127.0.0.1"), networks)
    assert is_allowed(ip_address("::ffff:127.0.0.1"), networks)
    assert is_allowed(ip_address("fd12::7"), networks)
    assert not is_allowed(ip_address("10.0.0.1"), networks)
    assert not is_allowed(ip_address("::1"), networks)
    assert not is_allowed(ip_address("64:ff9b::7f00:1"), networks)
