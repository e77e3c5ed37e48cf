"""A batch's signature holds for its payload and its key, and for nothing else."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogbank.events.batch import MESSAGE_ID, Batch
from fogbank.events.signing import SIGNATURE, SIGNATURE_KEY, NotAKey, is_signed_by, key_id, public_key_of, signed

seeds = st.binary(min_size=32, max_size=32)


@given(seeds, st.binary(max_size=200))
def test_a_signed_batch_is_signed_by_its_key_and_keeps_what_it_said(seed: bytes, payload: bytes) -> None:
    batch = signed(Batch(payload, {"Fogbank-Node": "node_1"}), seed)
    public_key = public_key_of(seed)
    assert is_signed_by(batch.payload, batch.headers[SIGNATURE], public_key)
    assert batch.headers[SIGNATURE_KEY] == key_id(public_key)
    assert batch.headers["Fogbank-Node"] == "node_1"


@given(seeds, seeds, st.binary(max_size=200))
def test_nobody_else_can_give_a_message_the_name_that_a_signed_batch_has(
    seed: bytes, other: bytes, payload: bytes
) -> None:
    """The queue keeps the first message of a name, whoever sent it: theirs would take the batch's place."""
    named = Batch(payload, {MESSAGE_ID: "node-1:1-9"})
    name = signed(named, seed).headers[MESSAGE_ID]
    assert name == signed(named, seed).headers[MESSAGE_ID], "sent again it is the same message"
    assert name != named.headers[MESSAGE_ID]
    assert (name == signed(named, other).headers[MESSAGE_ID]) == (other == seed)


@given(seeds, seeds, st.binary(min_size=1, max_size=200), st.data())
def test_another_payload_or_another_key_is_not_signed(
    seed: bytes, other: bytes, payload: bytes, data: st.DataObject
) -> None:
    signature = signed(Batch(payload, {}), seed).headers[SIGNATURE]
    place = data.draw(st.integers(0, len(payload) - 1))
    changed = payload[:place] + bytes([payload[place] ^ 1]) + payload[place + 1 :]
    assert not is_signed_by(changed, signature, public_key_of(seed))
    assert is_signed_by(payload, signature, public_key_of(other)) == (other == seed)


@given(st.text(max_size=100), st.text(max_size=60))
def test_what_is_no_signature_is_refused_without_an_error(signature: str, public_key: str) -> None:
    assert not is_signed_by(b"payload", signature, public_key)


@pytest.mark.parametrize("wrong", ["", "not base64!", base64.b64encode(b"short").decode()])
def test_what_is_no_key_is_said_to_be_none(wrong: str) -> None:
    with pytest.raises(NotAKey):
        key_id(wrong)
