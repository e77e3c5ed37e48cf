"""Who really asks: what trusted proxies say is believed from the right, and what a client writes itself never is."""

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogbank.runtime.http.forwarded import FORWARDED, Client, client_of

TRUSTED = (ip_network("10.0.0.0/8"), ip_network("::1/128"))


@pytest.mark.parametrize(
    ("peer", "headers", "client"),
    [
        ("203.0.113.9", {}, Client("203.0.113.9")),
        ("203.0.113.9", {"x-forwarded-for": "198.51.100.1"}, Client("203.0.113.9")),
        ("10.0.0.1", {}, Client("10.0.0.1")),
        ("10.0.0.1", {"x-forwarded-for": "198.51.100.1"}, Client("198.51.100.1")),
        ("10.0.0.1", {"x-forwarded-for": "1.2.3.4, 198.51.100.1"}, Client("198.51.100.1")),
        ("10.0.0.1", {"x-forwarded-for": "1.2.3.4, 198.51.100.1, 10.0.0.7"}, Client("198.51.100.1")),
        ("10.0.0.1", {"x-forwarded-for": "198.51.100.1:5123"}, Client("198.51.100.1")),
        ("::1", {"x-forwarded-for": "2001:db8::1"}, Client("2001:db8::1")),
        ("::ffff:10.0.0.1", {"x-forwarded-for": "::ffff:198.51.100.1"}, Client("198.51.100.1")),
        ("10.0.0.1", {"x-forwarded-for": "8.8.8.8, unknown"}, Client("10.0.0.1")),
        ("10.0.0.1", {"x-forwarded-for": "9.9.9.9", "x-forwarded-proto": "https"}, Client("9.9.9.9", "https")),
    ],
)
def test_the_client_is_the_rightmost_hop_that_is_no_proxy_of_ours(
    peer: str, headers: dict[str, str], client: Client
) -> None:
    assert client_of(peer, headers, TRUSTED) == client


@pytest.mark.parametrize(
    ("said", "client"),
    [
        ("for=1.2.3.4, for=9.9.9.9;proto=https", Client("9.9.9.9", "https")),
        ('For="[2001:db8::2]:4711"', Client("2001:db8::2")),
        ("for=_hidden", Client("10.0.0.1")),
    ],
)
def test_so_it_is_where_proxies_write_forwarded(said: str, client: Client) -> None:
    headers = {"forwarded": said, "x-forwarded-for": "8.8.8.8"}
    assert client_of("10.0.0.1", headers, TRUSTED, FORWARDED) == client


@given(st.text(max_size=60))
def test_the_header_that_proxies_do_not_write_is_the_clients_own_word_and_never_read(written: str) -> None:
    """A proxy that adds to the one passes the other on as it came."""
    through_x = {"x-forwarded-for": "198.51.100.1", "forwarded": written}
    through_forwarded = {"forwarded": "for=198.51.100.1", "x-forwarded-for": written, "x-forwarded-proto": "https"}
    assert client_of("10.0.0.1", through_x, TRUSTED) == Client("198.51.100.1")
    assert client_of("10.0.0.1", through_forwarded, TRUSTED, FORWARDED) == Client("198.51.100.1")


@given(st.text(max_size=60), st.text(max_size=60))
def test_nothing_that_a_client_writes_counts_left_of_what_a_proxy_added(written: str, forwarded: str) -> None:
    headers = {"x-forwarded-for": f"{written},198.51.100.1"}
    assert client_of("10.0.0.1", headers, TRUSTED).address == "198.51.100.1"
    assert client_of("203.0.113.9", {"forwarded": forwarded, **headers}, TRUSTED) == Client("203.0.113.9")
    assert client_of("10.0.0.1", {"forwarded": forwarded}, TRUSTED, FORWARDED).address
