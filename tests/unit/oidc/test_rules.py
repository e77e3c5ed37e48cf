"""What signing in by issuers rests on: whose answer it is, which addresses count, and what becomes of newcomers."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogbank.accounts.oidc.model import Identity, Issuer
from fogbank.accounts.oidc.rules import (
    NotMetadata,
    Verdict,
    from_binding,
    identity_of,
    is_address,
    is_from,
    metadata_of,
    verdict_on,
)

URL = "https://accounts.example.com"
DOCUMENT = {
    "issuer": URL,
    "authorization_endpoint": f"{URL}/authorize",
    "token_endpoint": f"{URL}/token",
    "jwks_uri": f"{URL}/keys",
    "response_types_supported": ["code"],
}


def issuer(**changed: Any) -> Issuer:
    facts: dict[str, Any] = {
        "id": "issuer_1",
        "name": "Example",
        "url": URL,
        "client_id": "client",
        "domains": (),
        "admits_unknown": False,
        "org_id": None,
        "role": None,
        "scopes": ("openid",),
        "created_at": datetime(2026, 11, 25, tzinfo=UTC),
    }
    return Issuer(**{**facts, **changed})


def test_an_issuer_is_named_exactly_as_we_know_it() -> None:
    assert metadata_of(DOCUMENT, URL).token_endpoint == f"{URL}/token"
    for other in (URL + "/", URL.upper(), URL + "?a", "", None, 7):
        with pytest.raises(NotMetadata, match="another issuer"):
            metadata_of({**DOCUMENT, "issuer": other}, URL)


@pytest.mark.parametrize("missing", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
def test_an_issuer_says_where_to_ask_it(missing: str) -> None:
    with pytest.raises(NotMetadata, match=missing):
        metadata_of({**DOCUMENT, missing: None}, URL)


def test_an_issuer_gives_codes() -> None:
    with pytest.raises(NotMetadata, match="codes"):
        metadata_of({**DOCUMENT, "response_types_supported": ["id_token"]}, URL)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(sorted(DOCUMENT)), inner),
    )
)
def test_whatever_an_issuer_says_is_metadata_or_is_not(document: Any) -> None:
    with pytest.raises(NotMetadata):
        metadata_of(document, URL)


@pytest.mark.parametrize(
    ("says_iss", "said", "ours"),
    [
        (True, URL, True),
        (True, None, False),
        (True, "https://evil.example", False),
        (False, None, True),
        (False, URL, True),
        (False, "https://evil.example", False),
        (False, "", False),
    ],
)
def test_an_answer_is_the_issuers_that_was_asked(says_iss: bool, said: str | None, ours: bool) -> None:
    metadata = metadata_of({**DOCUMENT, "authorization_response_iss_parameter_supported": says_iss}, URL)
    assert is_from(metadata, said) is ours


@given(st.text(min_size=1), st.text(min_size=1))
def test_each_browser_has_secrets_of_its_own_and_one_for_each_purpose(one: str, other: str) -> None:
    assert (from_binding(one, "nonce") == from_binding(other, "nonce")) == (one == other)
    assert from_binding(one, "nonce") != from_binding(one, "verifier")
    assert len(from_binding(one, "verifier")) == 43


@pytest.mark.parametrize(
    "text", ["", "a", "a@", "@b", "a@b@c", "a b@c", "a@b\n", "ä@example.org", "a@exämple.org", "x" * 251 + "@b.c"]
)
def test_what_is_no_address_or_looks_like_anothers_is_none(text: str) -> None:
    assert not is_address(text)


def test_only_true_is_verified() -> None:
    for said, verified in ((True, True), ("true", True), ("True", False), (1, False), ("1", False), (None, False)):
        identity = identity_of({"sub": "1", "email": "a@example.org", "email_verified": said})
        assert identity is not None
        assert identity.is_email_verified is verified, said


@pytest.mark.parametrize("subject", [None, "", 1, "x" * 256, "a\x00b", ["a"]])
def test_claims_without_a_subject_are_about_nobody(subject: object) -> None:
    assert identity_of({"sub": subject}) is None


@given(
    is_verified=st.booleans(),
    has_account=st.booleans(),
    is_invited=st.booleans(),
    admits=st.booleans(),
    email=st.sampled_from(["", "a@example.org", "a@elsewhere.example"]),
    domains=st.sampled_from([(), ("example.org",)]),
)
def test_nobody_comes_in_by_an_address_alone(
    *, is_verified: bool, has_account: bool, is_invited: bool, admits: bool, email: str, domains: tuple[str, ...]
) -> None:
    identity = Identity("1", email, is_verified, "")
    whom = issuer(domains=domains, admits_unknown=admits)
    verdict = verdict_on(whom, identity, has_account=has_account, is_invited=is_invited)
    if not is_verified or not email:
        assert verdict is Verdict.NOT_VERIFIED
    elif domains and not email.endswith("@example.org"):
        assert verdict is Verdict.NOT_ALLOWED
    elif has_account:
        assert verdict is Verdict.CONFIRM, "never straight in"
    else:
        assert verdict is (Verdict.ADMIT if admits or is_invited else Verdict.NOT_ADMITTED)
