"""Signing keys: a new one is known everywhere before it signs, and an old one until its last token has ended."""

import json
from base64 import urlsafe_b64decode
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.credentials.key_file import KeyFile
from fogbank.runtime.credentials.remote_keys import REFRESH_AFTER
from fogbank.runtime.credentials.signing_keys import (
    LASTS_AFTER,
    PUBLISHED_BEFORE,
    decoded,
    encoded,
    first_ring,
    new_signing_key,
)
from fogbank.runtime.credentials.tokens import TOKEN_LIFE, verify

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
CALLER = Caller("user_1", CallerKind.USER)


@settings(max_examples=30)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3600)), max_size=15))
def test_whoever_refreshes_in_time_knows_the_key_of_every_token_that_has_not_ended(
    history: list[tuple[bool, int]],
) -> None:
    ring, now = first_ring(NOW), NOW
    signed: list[tuple[datetime, str]] = []
    published: list[tuple[datetime, set[str]]] = []
    for is_rotated, seconds in history:
        now += timedelta(seconds=seconds)
        if is_rotated:
            ring = ring.followed_by_new(now)
        published.append((now, {key.kid for key in ring.published(now)}))
        signed.append((now, ring.signing(now).kid))
        for signed_at, kid in signed:
            if now < signed_at + TOKEN_LIFE:
                assert kid in {key.kid for key in ring.published(now)}
        remembered = [kids for at, kids in published if now - REFRESH_AFTER <= at]
        assert all(ring.signing(now).kid in kids for kids in remembered)


def test_times_leave_room_for_what_others_remember() -> None:
    assert PUBLISHED_BEFORE > REFRESH_AFTER
    assert LASTS_AFTER > TOKEN_LIFE


def test_a_key_that_waits_is_not_followed_by_another() -> None:
    ring = first_ring(NOW).followed_by_new(NOW)
    assert ring.followed_by_new(NOW + timedelta(minutes=1)) is ring
    assert ring.waiting(NOW) is ring.keys[1]
    assert ring.signing(NOW + PUBLISHED_BEFORE) is ring.keys[1]


def test_a_key_is_due_when_it_is_as_old_as_keys_become() -> None:
    ring, every = first_ring(NOW), timedelta(days=30)
    assert not ring.is_due(NOW + every - timedelta(seconds=1), every)
    assert ring.is_due(NOW + every, every)


def test_a_ring_is_read_as_it_was_written() -> None:
    ring = first_ring(NOW).followed_by_new(NOW + timedelta(days=30))
    again = decoded(encoded(ring))
    assert [(key.kid, key.made_at, key.signs_from) for key in again.keys] == [
        (key.kid, key.made_at, key.signs_from) for key in ring.keys
    ]


def test_of_a_set_written_before_keys_had_times_the_first_signs_and_all_verify() -> None:
    keys = [new_signing_key(NOW, NOW) for _ in range(3)]
    old = json.dumps({"keys": [each.key.as_dict(private=True) for each in keys]})
    ring = decoded(old)
    assert ring.signing(NOW).kid == keys[0].kid
    assert len(ring.keys) == 3


async def test_another_process_signs_and_verifies_by_a_key_that_was_made_here(tmp_path: Path) -> None:
    now = NOW
    here, there = (KeyFile(tmp_path / "signing-keys.json", lambda: now) for _ in range(2))
    before = there.sign(CALLER, {"usage"}, as_of=0)
    assert here.rotate().waiting(now) is not None
    assert len(there.public()["keys"]) == 2
    now += PUBLISHED_BEFORE
    after = there.sign(CALLER, {"usage"}, as_of=0)
    assert (await verify(after.access_token, here, {"usage"}, now)).caller == CALLER
    assert await there.key(kid_of(before.access_token)) is not None
    now += LASTS_AFTER
    assert await here.key(kid_of(before.access_token)) is None


def test_the_file_is_private_and_what_is_published_holds_no_private_part(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "signing-keys.json", lambda: NOW)
    file.rotate()
    assert (tmp_path / "signing-keys.json").stat().st_mode & 0o777 == 0o600
    assert all("d" not in key and key["use"] == "sig" and key["alg"] == "Ed25519" for key in file.public()["keys"])
    assert "made_at" not in file.public()["keys"][0]


def test_a_ring_is_rotated_in_time_and_once(tmp_path: Path) -> None:
    now = NOW
    file = KeyFile(tmp_path / "signing-keys.json", lambda: now)
    every = timedelta(days=30)
    assert [len(file.rotate_when_due(every).keys) for _ in range(2)] == [1, 1]
    now += every
    assert [len(file.rotate_when_due(every).keys) for _ in range(2)] == [2, 2]


def kid_of(token: str) -> str:
    header = token.partition(".")[0]
    return str(json.loads(urlsafe_b64decode(header + "=" * (-len(header) % 4)))["kid"])
