"""Tokens: ours, whole, in time and for us; anything else is refused, whatever it says about itself."""

import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.tokens import ALGORITHM, SigningKeys, TokenRefused, new_signing_keys, verify

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
KEYS = SigningKeys.decode(new_signing_keys())
KID = KEYS.public()["keys"][0]["kid"]
CALLER = Caller("user_1", CallerKind.USER, {"org_1": "owner"}, frozenset({"usage:read"}), is_administrator=True)


def part(document: dict[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()


def claims(**changes: Any) -> dict[str, Any]:
    stamp = int(NOW.timestamp())
    facts = {"iss": "fogbank", "aud": ["usage"], "sub": "user_1", "kind": "user", "orgs": {}, "scopes": ["*"]}
    document = {**facts, "admin": False, "iat": stamp, "exp": stamp + 300, **changes}
    return {name: value for name, value in document.items() if value is not None}


async def refused(token: str) -> str:
    with pytest.raises(TokenRefused) as refusal:
        await verify(token, KEYS, {"usage"}, NOW)
    return refusal.value.reason


async def test_a_token_says_what_was_signed() -> None:
    token = KEYS.sign(CALLER, {"usage", "billing"}, NOW)
    verified = await verify(token.access_token, KEYS, {"usage"}, NOW)
    assert (verified.caller, verified.expires_at) == (CALLER, NOW + timedelta(minutes=5))


async def test_a_token_for_another_service_is_refused() -> None:
    token = KEYS.sign(CALLER, {"billing"}, NOW)
    assert "not one that this service accepts" in await refused(token.access_token)


async def test_a_token_ends_after_five_minutes() -> None:
    token = KEYS.sign(CALLER, {"usage"}, NOW - timedelta(minutes=5))
    assert "expired" in await refused(token.access_token)
    token = KEYS.sign(CALLER, {"usage"}, NOW - timedelta(minutes=5) + timedelta(seconds=1))
    assert await verify(token.access_token, KEYS, {"usage"}, NOW)


async def test_a_token_without_signature_is_refused() -> None:
    for algorithm in ("none", "None", "NONE"):
        unsigned = f"{part({'alg': algorithm, 'kid': KID})}.{part(claims())}."
        assert "not one that this service accepts" in await refused(unsigned)


async def test_a_token_signed_by_another_key_is_refused() -> None:
    foreign = OKPKey.generate_key("Ed25519")
    under_our_name = jwt.encode({"alg": ALGORITHM, "kid": KID}, claims(), foreign, algorithms=[ALGORITHM])
    assert "not one that this service accepts" in await refused(under_our_name)
    under_its_own = jwt.encode({"alg": ALGORITHM, "kid": "theirs"}, claims(), foreign, algorithms=[ALGORITHM])
    assert "not ours" in await refused(under_its_own)


async def test_our_public_key_is_no_password_for_hmac() -> None:
    public = OctKey.import_key(json.dumps(KEYS.public()["keys"][0]))
    confused = jwt.encode({"alg": "HS256", "kid": KID}, claims(), public, algorithms=["HS256"])
    assert "not one that this service accepts" in await refused(confused)


@pytest.mark.parametrize(
    "change",
    [{"iss": "elsewhere"}, {"aud": None}, {"exp": None}, {"sub": None}, {"kind": "root"}, {"kind": None}, {"aud": []}],
)
async def test_a_token_that_lacks_what_ours_say_is_refused_though_well_signed(change: dict[str, Any]) -> None:
    token = jwt.encode({"alg": ALGORITHM, "kid": KID}, claims(**change), KEYS.signing, algorithms=[ALGORITHM])
    assert "not one that this service accepts" in await refused(token)


@settings(max_examples=300)
@example(text=urlsafe_b64encode(b"[" * 6000).decode() + ".a.b")
@given(text=st.text(max_size=200) | st.from_regex(r"[A-Za-z0-9_-]{0,40}(\.[A-Za-z0-9_-]{0,40}){0,4}", fullmatch=True))
async def test_nonsense_is_refused_and_nothing_worse(text: str) -> None:
    assert await refused(text)


def test_published_keys_hold_nothing_private() -> None:
    assert all("d" not in key and key["alg"] == ALGORITHM for key in KEYS.public()["keys"])
