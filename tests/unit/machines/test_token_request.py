"""Requests for tokens as OAuth clients make them: RFC 6749, 2.3.1, 3.2, 4.4 and 5.2."""

from base64 import b64encode
from urllib.parse import quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogbank.accounts.machines.errors import TokenRequestRefused
from fogbank.accounts.machines.token_request import of_form, scopes_in

GRANT = {"grant_type": "client_credentials"}


def basic(client_id: str, secret: str) -> str:
    return "Basic " + b64encode(f"{quote_plus(client_id)}:{quote_plus(secret)}".encode()).decode()


def form(**fields: str) -> bytes:
    return urlencode(fields).encode()


def refused(body: bytes, authorization: str | None = None) -> str:
    with pytest.raises(TokenRequestRefused) as refusal:
        of_form(body, authorization)
    return refusal.value.error


def test_a_client_may_show_its_secret_in_the_header_or_in_the_body() -> None:
    by_header = of_form(form(**GRANT), basic("machine_1", "a secret"))
    by_body = of_form(form(**GRANT, client_id="machine_1", client_secret="a secret"), None)
    assert by_header == by_body
    assert (by_header.client_id, by_header.client_secret) == ("machine_1", "a secret")


@given(st.from_regex(r"[A-Za-z0-9_.:-]{1,40}", fullmatch=True), st.text(min_size=1, max_size=60))
def test_what_is_shown_in_the_header_is_encoded_as_a_form_is(client_id: str, secret: str) -> None:
    if "\x00" in secret or any(0xD800 <= ord(letter) <= 0xDFFF for letter in secret):
        return
    asked = of_form(form(**GRANT), basic(client_id, secret))
    assert (asked.client_id, asked.client_secret) == (client_id, secret)


def test_scopes_have_spaces_between_them_and_an_audience_may_be_given_twice() -> None:
    body = form(**GRANT, scope="usage:read  ledger:read") + b"&audience=usage&audience=accounts"
    asked = of_form(body, basic("machine_1", "s"))
    assert scopes_in(asked.scope) == frozenset({"usage:read", "ledger:read"})
    assert asked.audience == ["usage", "accounts"]
    assert scopes_in(None) is scopes_in(" ") is None


@pytest.mark.parametrize(
    ("body", "authorization", "error"),
    [
        (b"", None, "invalid_request"),
        (form(grant_type="password", username="a", password="b"), None, "unsupported_grant_type"),
        (form(**GRANT), None, "invalid_client"),
        (form(**GRANT, client_id="machine_1"), None, "invalid_client"),
        (form(**GRANT), "Bearer abc", "invalid_client"),
        (form(**GRANT), "Basic not base64", "invalid_client"),
        (form(**GRANT), "Basic " + b64encode(b"no colon").decode(), "invalid_client"),
        (form(**GRANT), "Basic " + b64encode(b"\xff\xfe:x").decode(), "invalid_client"),
        (form(**GRANT, client_secret="s"), basic("machine_1", "s"), "invalid_request"),
        (form(**GRANT, client_id="another"), basic("machine_1", "s"), "invalid_request"),
        (form(**GRANT) + b"&grant_type=client_credentials", basic("machine_1", "s"), "invalid_request"),
        (form(**GRANT, scope="x" * 3000), basic("machine_1", "s"), "invalid_request"),
        (b"&".join(b"a%d=1" % number for number in range(100)), None, "invalid_request"),
        (b"grant_type=%ff", None, "invalid_request"),
        (b"grant_type=\xff", None, "invalid_request"),
        (form(**GRANT), basic("not an id!", "s"), "invalid_request"),
    ],
)
def test_what_is_wrong_with_a_request_has_the_name_that_the_standard_gives_it(
    body: bytes, authorization: str | None, error: str
) -> None:
    assert refused(body, authorization) == error


@given(st.binary(max_size=200), st.none() | st.text(max_size=100))
def test_nonsense_is_refused_and_nothing_worse(body: bytes, authorization: str | None) -> None:
    assert refused(body, authorization)
