"""Places: an IPv4 address is one, however it is written, and so is an IPv6 /64."""

import pytest

from fogbank.kernel.networks import address_place


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("2001:db8::1", "2001:db8::ffff", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("not an address", "not an address", True),
        ("not an address", "another one", False),
    ],
)
def test_a_place_is_an_ipv4_address_or_an_ipv6_network(one: str, other: str, is_same: bool) -> None:
    assert (address_place(one) == address_place(other)) is is_same
