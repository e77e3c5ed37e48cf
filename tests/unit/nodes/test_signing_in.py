"""What the queue asks is read or refused, never more; what we answer is signed and says little."""

import base64
from contextlib import suppress
from typing import Any

import msgspec
import nkeys
from hypothesis import given
from hypothesis import strategies as st

from fogbank.compute.client.node_proofs import is_signature, registration_text, rotation_text, signature_of
from fogbank.compute.nodes.sign_in.tokens import RequestUnreadable, SignIn, granted, read_request, refused
from fogbank.events.signing import public_key_of
from fogbank.runtime.queue_credentials import NODES_ACCOUNT, node_permissions

SIGN_IN = SignIn("server", "UUSER", "UNODE", "signature", "nonce", 0)
ISSUER = bytes(range(32))
seeds = st.binary(min_size=32, max_size=32)
texts = st.text(max_size=40)


def claims_of(token: bytes) -> dict[str, Any]:
    """What a token says, its signature checked by NATS's own library."""
    head, body, signature = token.split(b".")
    issuer = nkeys.from_seed(bytearray(nkeys.encode_seed(ISSUER, nkeys.PREFIX_BYTE_ACCOUNT)))
    assert issuer.verify(head + b"." + body, base64.urlsafe_b64decode(signature + b"=="))
    claims: dict[str, Any] = msgspec.json.decode(base64.urlsafe_b64decode(body + b"=" * (-len(body) % 4)))
    assert claims["iss"] == issuer.public_key.decode()
    return claims


@given(st.one_of(st.binary(), st.binary().map(lambda raw: b"e30." + base64.urlsafe_b64encode(raw) + b".x")))
def test_whatever_comes_is_a_question_or_unreadable(payload: bytes) -> None:
    with suppress(RequestUnreadable):
        read_request(payload)


def test_a_question_is_read_as_nats_writes_it() -> None:
    asked = {
        "exp": 7,
        "nats": {
            "server_id": {"id": "N1", "name": "x"},
            "user_nkey": "U1",
            "client_info": {"nonce": "n", "kind": "Client"},
            "connect_opts": {"nkey": "U2", "sig": "s", "lang": "python3"},
        },
    }
    payload = b"e30." + base64.urlsafe_b64encode(msgspec.json.encode(asked)).rstrip(b"=") + b".sig"
    assert read_request(payload) == SignIn("N1", "U1", "U2", "s", "n", 7)


def test_who_is_let_in_gets_the_permissions_of_that_node_only() -> None:
    answer = claims_of(granted(SIGN_IN, "node-1", node_permissions("node-1"), ISSUER, 7))
    assert (answer["sub"], answer["aud"]) == ("UUSER", "server")
    user = claims_of(answer["nats"]["jwt"].encode())
    assert (user["sub"], user["aud"], user["name"]) == ("UUSER", NODES_ACCOUNT, "node-1")
    assert user["nats"]["pub"] == {"allow": ["usage.v1.node-1", "$JS.API.DIRECT.GET.NODES.nodes.v1.node-1"]}
    assert user["nats"]["sub"] == {"allow": ["_INBOX.node-1.>"]}


def test_who_is_refused_gets_no_token() -> None:
    answer = claims_of(refused(SIGN_IN, "nobody", ISSUER, 7))
    assert answer["nats"] == {"type": "authorization_response", "version": 2, "error": "nobody"}


@given(seeds, seeds, texts, texts)
def test_a_proof_is_of_one_key_over_one_text(seed: bytes, other: bytes, token: str, node_id: str) -> None:
    public = base64.b64decode(public_key_of(seed))
    text = registration_text(token, node_id)
    proof = signature_of(text, seed)
    assert is_signature(text, proof, public)
    assert not is_signature(text + b"x", proof, public)
    assert not is_signature(rotation_text(node_id, token), proof, public)
    assert is_signature(text, signature_of(text, other), public) == (seed == other)


@given(texts, st.binary(max_size=40))
def test_whatever_is_shown_as_a_signature_is_judged(shown: str, public: bytes) -> None:
    assert not is_signature(b"text", shown, public)
