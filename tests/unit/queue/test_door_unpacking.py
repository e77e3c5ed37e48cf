"""Unpacking gives back what was packed, or says why not, and never more than is allowed."""

import gzip
from collections.abc import Callable
from contextlib import suppress

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from fogbank.queue.door.errors import BodyTooLarge, BodyUnreadable, FormUnknown
from fogbank.queue.door.unpacking import Packing, packing_of, unpacked

PACKERS: dict[Packing, Callable[[bytes], bytes]] = {
    Packing.NONE: bytes,
    Packing.GZIP: gzip.compress,
    Packing.ZSTD: zstandard.compress,
}


def packed(body: bytes, packing: Packing) -> bytes:
    return PACKERS[packing](body)


@given(body=st.binary(), packing=st.sampled_from(Packing), room=st.integers(0, 3))
def test_what_fits_comes_back_whole(body: bytes, packing: Packing, room: int) -> None:
    assert unpacked(packed(body, packing), packing, len(body) + room) == body


@given(body=st.binary(min_size=1), packing=st.sampled_from(Packing))
def test_one_byte_more_than_is_allowed_is_too_much(body: bytes, packing: Packing) -> None:
    with pytest.raises(BodyTooLarge):
        unpacked(packed(body, packing), packing, len(body) - 1)


@given(body=st.binary(max_size=100), packing=st.sampled_from([Packing.GZIP, Packing.ZSTD]))
def test_any_bytes_are_unpacked_or_refused(body: bytes, packing: Packing) -> None:
    with suppress(BodyTooLarge, BodyUnreadable):
        assert len(unpacked(body, packing, 1000)) <= 1000


def test_gzip_may_be_several_members_which_together_must_fit() -> None:
    body = gzip.compress(b"one") + gzip.compress(b"two")
    assert unpacked(body, Packing.GZIP, 6) == b"onetwo"
    with pytest.raises(BodyTooLarge):
        unpacked(body, Packing.GZIP, 5)


@pytest.mark.parametrize("packing", [Packing.GZIP, Packing.ZSTD])
def test_what_ends_too_early_is_not_taken_for_less(packing: Packing) -> None:
    with pytest.raises(BodyUnreadable):
        unpacked(packed(b"events" * 100, packing)[:-5], packing, 1000)


def test_the_packings_are_known_by_their_names_and_no_others() -> None:
    assert [packing_of(name) for name in ("", "Identity", "gzip", "X-GZIP", " zstd ")] == [
        Packing.NONE,
        Packing.NONE,
        Packing.GZIP,
        Packing.GZIP,
        Packing.ZSTD,
    ]
    with pytest.raises(FormUnknown, match="'br'"):
        packing_of("br")
