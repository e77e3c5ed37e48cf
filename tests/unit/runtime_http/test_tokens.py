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
from fogbank.runtime.credentials.signing_keys import new_signing_key
from fogbank.runtime.credentials.tokens import ALGORITHM, TYPE, Token, TokenRefused, sign, verify

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
KEY = new_signing_key(NOW, NOW).key
KID = str(KEY.kid)
HEADER = {"alg": ALGORITHM, "kid": KID, "typ": TYPE}
CALLER = Caller(
    "user_1",
    CallerKind.USER,
    {"org_1": "owner"},
    frozenset({"usage:read"}),
    is_administrator=True,
    session_id="session_1",
    address="192.0.2.7",
)


class Keys:
    """The one key there is."""

    async def key(self, kid: str) -> OKPKey | None:
        return KEY if kid == KID else None


KEYS = Keys()


def signed(audience: set[str], now: datetime = NOW, *, as_of: int = 7, caller: Caller = CALLER) -> Token:
    return sign(KEY, caller, audience, now=now, as_of=as_of, entropy=bytes)


def forged(header: dict[str, Any], key: Any = KEY, **changes: Any) -> str:
    """A token with such a header, really signed with `key`."""
    algorithm = str(header["alg"])
    return jwt.encode(dict(header), claims(**changes), key, algorithms=[algorithm])


def part(document: Any) -> str:
    return urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()


def claims(**changes: Any) -> dict[str, Any]:
    stamp = int(NOW.timestamp())
    facts = {"iss": "fogbank", "aud": ["usage"], "sub": "user_1", "kind": "user", "orgs": {}, "scopes": ["*"]}
    document = {**facts, "admin": False, "as_of": 0, "iat": stamp, "exp": stamp + 300, **changes}
    return {name: value for name, value in document.items() if value is not None}


def by_hand(header: dict[str, Any]) -> str:
    """A token with such a header and the right signature of it, which no library would make."""
    body = f"{part(header)}.{part(claims())}"
    private_key: Any = KEY.private_key
    return f"{body}.{urlsafe_b64encode(private_key.sign(body.encode())).rstrip(b'=').decode()}"


async def refused(token: str) -> str:
    with pytest.raises(TokenRefused) as refusal:
        await verify(token, KEYS, {"usage"}, NOW)
    return refusal.value.reason


async def test_a_token_says_what_was_signed() -> None:
    verified = await verify(signed({"usage", "billing"}).access_token, KEYS, {"usage"}, NOW)
    assert (verified.caller, verified.expires_at, verified.as_of) == (CALLER, NOW + timedelta(minutes=5), 7)


async def test_a_machine_stays_a_machine() -> None:
    machine = Caller("machine_1", CallerKind.MACHINE, {"org_1": "member"}, frozenset({"usage:read"}), key_id="key_1")
    verified = await verify(signed({"usage"}, caller=machine).access_token, KEYS, {"usage"}, NOW)
    assert verified.caller == machine


async def test_a_token_for_another_service_is_refused() -> None:
    assert "not one that this service accepts" in await refused(signed({"billing"}).access_token)


async def test_a_token_ends_after_five_minutes() -> None:
    assert "expired" in await refused(signed({"usage"}, NOW - timedelta(minutes=5)).access_token)
    token = signed({"usage"}, NOW - timedelta(minutes=5) + timedelta(seconds=1))
    assert await verify(token.access_token, KEYS, {"usage"}, NOW)


async def test_a_token_of_who_is_a_minute_ahead_is_taken_and_of_who_is_further_is_not() -> None:
    """Clocks of two hosts are never the same: a token is often shown before it was made."""
    assert await verify(signed({"usage"}, NOW + timedelta(minutes=1)).access_token, KEYS, {"usage"}, NOW)
    beyond = signed({"usage"}, NOW + timedelta(minutes=1, seconds=1))
    assert "not one that this service accepts" in await refused(beyond.access_token)


async def test_a_token_without_signature_is_refused() -> None:
    for algorithm in ("none", "None", "NONE"):
        unsigned = f"{part({**HEADER, 'alg': algorithm})}.{part(claims())}."
        assert "not one that this service accepts" in await refused(unsigned)


async def test_a_token_signed_by_another_key_is_refused() -> None:
    foreign = OKPKey.generate_key("Ed25519")
    assert "not one that this service accepts" in await refused(forged(HEADER, foreign))
    assert "not ours" in await refused(forged({**HEADER, "kid": "theirs"}, foreign))


async def test_our_public_key_is_no_password_for_hmac() -> None:
    for public in (json.dumps(KEY.as_dict(private=False)), str(KEY.as_dict(private=False)["x"])):
        confused = forged({**HEADER, "alg": "HS256"}, OctKey.import_key(public))
        assert "not one that this service accepts" in await refused(confused)


async def test_only_the_name_by_which_we_sign_is_an_algorithm() -> None:
    # The older name of the same signature (RFC 8037), which RFC 9864 replaced: nobody of ours writes it.
    assert "not one that this service accepts" in await refused(by_hand({**HEADER, "alg": "EdDSA"}))


@pytest.mark.parametrize(
    "members",
    [
        {"jku": "https://attacker.example/jwks.json"},
        {"x5u": "https://attacker.example/certificate.pem"},
        {"jwk": OKPKey.generate_key("Ed25519").as_dict(private=False)},
        {"crit": ["exp"], "exp": 0},
        {"crit": ["b64"], "b64": False},
        {"cty": "JWT"},
        {"zip": "DEF"},
    ],
)
async def test_a_header_that_says_more_than_ours_is_not_looked_at(members: dict[str, Any]) -> None:
    assert "not a token of ours" in await refused(by_hand({**HEADER, **members}))


@pytest.mark.parametrize(
    "kid",
    ["../../signing-keys.json", "' OR 1=1 --", "/dev/null", "", KID + "\x00", KID.lower()],
    ids=["a path", "a query", "a device", "none", "ours and more", "ours in lower case"],  # KID differs in each process
)
async def test_the_name_of_a_key_finds_a_key_and_nothing_else(kid: str) -> None:
    foreign = OKPKey.generate_key("Ed25519")
    assert "not ours" in await refused(forged({**HEADER, "kid": kid}, foreign))


@pytest.mark.parametrize("header", [{"alg": ALGORITHM, "typ": TYPE}, {"alg": ALGORITHM, "kid": KID}, [], "x", None])
async def test_a_header_that_lacks_what_ours_has_is_refused(header: Any) -> None:
    assert "not a token of ours" in await refused(f"{part(header)}.{part(claims())}.c2ln")


async def test_another_document_signed_by_our_key_is_no_token() -> None:
    assert "not a token of ours" in await refused(forged({**HEADER, "typ": "JWT"}))


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "elsewhere"},
        {"aud": None},
        {"aud": []},
        {"aud": "billing"},
        {"exp": None},
        {"sub": None},
        {"kind": "root"},
        {"kind": None},
        {"as_of": None},
        {"as_of": "soon"},
    ],
)
async def test_a_token_that_lacks_what_ours_say_is_refused_though_well_signed(change: dict[str, Any]) -> None:
    assert "not one that this service accepts" in await refused(forged(HEADER, **change))


@settings(max_examples=100)
@given(st.integers(0, 10_000), st.integers(0, 7))
async def test_a_token_with_any_bit_changed_is_refused(place: int, bit: int) -> None:
    token = signed({"usage"}).access_token
    place %= len(token)
    changed = token[:place] + chr(ord(token[place]) ^ 1 << bit) + token[place + 1 :]
    try:
        verified = await verify(changed, KEYS, {"usage"}, NOW)
    except TokenRefused:
        return
    assert verified.caller == CALLER  # the last letter of base64 has bits that say nothing


@settings(max_examples=300)
@example(text=urlsafe_b64encode(b"[" * 6000).decode() + ".a.b")
@given(text=st.text(max_size=200) | st.from_regex(r"[A-Za-z0-9_-]{0,40}(\.[A-Za-z0-9_-]{0,40}){0,4}", fullmatch=True))
async def test_nonsense_is_refused_and_nothing_worse(text: str) -> None:
    assert await refused(text)
