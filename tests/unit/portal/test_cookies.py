"""Cookies of the door: for this host, and never a reason to fail."""

from fastapi import Request, Response
from hypothesis import given
from hypothesis import strategies as st

from fogbank.portal.cookies import Cookie
from fogbank.portal.door import CONFIRMATION, STEP, TRIP, Confirmation, Step


def request(scheme: str, cookie: str = "") -> Request:
    headers = [(b"cookie", cookie.encode("latin-1", "replace"))] if cookie else []
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": headers, "scheme": scheme}
    return Request({**scope, "server": ("testserver", 443 if scheme == "https" else 80)})


def sent_back(response: Response) -> str:
    """What the browser says at its next request."""
    return response.headers["set-cookie"].partition(";")[0]


def test_over_https_browsers_promise_host_and_connection() -> None:
    response = Response()
    Cookie("fogbank-device").keep(response, request("https"), "known", 60)
    assert response.headers["set-cookie"] == (
        "__Host-fogbank-device=known; HttpOnly; Max-Age=60; Path=/; SameSite=lax; Secure"
    )


def test_over_https_a_cookie_without_the_prefix_counts_for_nothing() -> None:
    assert Cookie("oidc").read(request("https", "oidc=planted")) == ""
    assert Cookie("oidc").read(request("https", "__Host-oidc=kept")) == "kept"


@given(st.text(max_size=40), st.text(max_size=40))
def test_what_the_door_keeps_it_reads_again_whatever_is_in_it(first: str, second: str) -> None:
    response = Response()
    CONFIRMATION.keep(response, request("http"), Confirmation(first, second, "Übel; Ltd", "ann@x.example"))
    assert CONFIRMATION.read(request("http", sent_back(response))) == Confirmation(
        first, second, "Übel; Ltd", "ann@x.example"
    )


def test_each_note_is_read_as_what_it_is() -> None:
    response = Response()
    STEP.keep(response, request("http"), Step("c", ("totp", "recovery")))
    assert STEP.read(request("http", sent_back(response))) == Step("c", ("totp", "recovery"))
    assert TRIP.read(request("http", sent_back(response))) is None


@given(st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=255), max_size=60))
def test_nonsense_in_a_cookie_is_nothing(text: str) -> None:
    assert TRIP.read(request("http", f"oidc={text}")) is None


def test_facts_of_another_kind_are_nothing() -> None:
    assert TRIP.read(request("http", "oidc=%7B%22binding%22%3A1%7D")) is None
