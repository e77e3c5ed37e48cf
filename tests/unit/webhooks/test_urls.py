"""A webhook's URL is read once and strictly, so nobody sees another host in it than we do."""

import pytest
from hypothesis import given
from hypothesis.strategies import sampled_from, text

from fogbank.runtime.outbound.urls import Target, UrlRefused, target_of


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://example.com", Target("https", "example.com", 443, "/")),
        ("HTTPS://Example.COM:443/Hooks?a=1&b=%20", Target("https", "example.com", 443, "/Hooks?a=1&b=%20")),
        ("https://bücher.example/ü", Target("https", "xn--bcher-kva.example", 443, "/%C3%BC")),
        ("https://example.com:8443/x", Target("https", "example.com", 8443, "/x")),
        ("https://[2606:4700::1111]:8443/x", Target("https", "2606:4700::1111", 8443, "/x")),
        ("https://1.1.1.1/x", Target("https", "1.1.1.1", 443, "/x")),
    ],
)
def test_a_url_has_these_parts(url: str, target: Target) -> None:
    assert target_of(url) == target


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://example.com", "must begin with https://"),
        ("file:///etc/passwd", "must begin with https://"),
        ("gopher://example.com", "must begin with https://"),
        ("example.com", "must begin with https://"),
        ("", "must have 1 to 2048 characters"),
        ("https://example.com/" + "a" * 2048, "must have 1 to 2048 characters"),
        ("https://user:secret@example.com/", "must not carry a user name or password"),
        ("https://example.com/#part", "must not have a fragment"),
        ("https://example.com/#", "must not have a fragment"),
        ("https:///x", "must name a host"),
        ("https://-example.com/", "must name a host"),
        ("https://exa%6dple.com/", "must name a host"),
        ("https://" + "a" * 64 + ".com/", "must name a host"),
        ("https://127.1/", "must write an IPv4 address as four decimal numbers"),
        ("https://0x7f.1/", "must write an IPv4 address as four decimal numbers"),
        ("https://2130706433/", "must write an IPv4 address as four decimal numbers"),
        ("https://0177.0.0.1/", "must be a URL"),
        ("https://1.1.1.1./", "must write an IPv4 address as four decimal numbers"),
        ("https://[fe80::1%25eth0]/", "must not name an interface of ours"),
        ("https://example.com:22/", "must have the port 443, 80, or one from 1024 to 65535"),
        ("https://example.com:0/", "must have the port 443, 80, or one from 1024 to 65535"),
        ("https://example.com:70000/", "must have the port 443, 80, or one from 1024 to 65535"),
        ("https://example.com\\@evil.example/", "must not have spaces, control characters, backslashes or quotes"),
        ("https://example.com/a b", "must not have spaces, control characters, backslashes or quotes"),
        ("https://example.com/\r\nHost: x", "must not have spaces, control characters, backslashes or quotes"),
    ],
)
def test_a_url_that_we_do_not_send_to_is_refused_with_its_reason(url: str, reason: str) -> None:
    with pytest.raises(UrlRefused) as refused:
        target_of(url)
    assert str(refused.value) == reason


def test_plain_http_takes_a_setting() -> None:
    assert target_of("http://example.com/x", allow_http=True) == Target("http", "example.com", 80, "/x")


@given(sampled_from(["", "https://", "https://example.com", "https://[", "https://a:"]), text(max_size=40))
def test_any_text_is_a_target_or_refused_and_a_target_is_read_the_same_again(start: str, rest: str) -> None:
    try:
        target = target_of(start + rest)
    except UrlRefused:
        return
    assert target_of(str(target)) == target
    assert str(target).isascii()
    assert str(target).isprintable()
