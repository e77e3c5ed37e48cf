"""Forgery: a request that a browser sends with our cookie must come from our own pages."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fogbank.runtime.http.security import CONTENT_SECURITY_POLICY, is_forged

HOST = {"host": "fogbank.example"}


@pytest.mark.parametrize(
    "headers",
    [
        {"cookie": "s=1"},
        {"cookie": "s=1", "sec-fetch-site": "cross-site"},
        {"cookie": "s=1", "sec-fetch-site": "same-site"},
        {"cookie": "s=1", "origin": "https://evil.example"},
        {"cookie": "s=1", "origin": "null"},
        {"cookie": "s=1", "origin": "https://fogbank.example.evil.example"},
        {"cookie": "s=1", "origin": "https://fogbank.example:8443"},
        {"sec-fetch-site": "cross-site"},
    ],
)
def test_another_sites_doing_is_forged(headers: dict[str, str]) -> None:
    assert is_forged(HOST | headers)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"cookie": "s=1", "sec-fetch-site": "same-origin"},
        {"cookie": "s=1", "sec-fetch-site": "none"},
        {"cookie": "s=1", "origin": "https://fogbank.example"},
        {"cookie": "s=1", "authorization": "Bearer x"},
        {"cookie": "s=1", "x-api-key": "fb_live_x"},
    ],
)
def test_our_own_pages_and_programs_are_not(headers: dict[str, str]) -> None:
    assert not is_forged(HOST | headers)


@given(origin=st.text(max_size=60))
@example(origin="http://[")
@example(origin="null")
def test_no_odd_origin_breaks_or_passes(origin: str) -> None:
    assert is_forged({"host": "fogbank.example", "cookie": "s=1", "origin": origin})


def test_the_policy_allows_nothing_inline() -> None:
    assert "unsafe" not in CONTENT_SECURITY_POLICY
