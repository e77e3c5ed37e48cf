"""Whatever comes through the door, the answer is never a fault of ours, and what it accepts usage can read."""

import gzip
from collections.abc import Callable

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.integration.queue.conftest import DoorWorld, event, lines

from fogbank.queue.door.forms import MEDIA_TYPES

BODY = lines(event("one"), event("two"))
NASTY = [b"[" * 5000, b'{"a":' * 5000, b"\xff\xfe", b"null", b"[null]", b"\x00", b"[[]]", b'"', b"{}\n{}", b"[" + BODY]


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """Bytes of any kind, or a right body with some of it replaced."""
    if draw(st.booleans()):
        return draw(st.binary(max_size=200) | st.sampled_from(NASTY))
    begin = draw(st.integers(0, len(BODY)))
    end = draw(st.integers(begin, min(begin + 20, len(BODY))))
    return BODY[:begin] + draw(st.binary(max_size=20)) + BODY[end:]


PACKINGS: dict[str, Callable[[bytes], bytes]] = {"": bytes, "gzip": gzip.compress, "zstd": zstandard.compress}


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=bodies(),
    content_type=st.sampled_from([*MEDIA_TYPES, "text/plain"]),
    packing=st.sampled_from(list(PACKINGS)),
    is_packed=st.booleans(),
    ce_headers=st.dictionaries(
        st.sampled_from(["ce_id", "ce_type", "ce_source", "ce_specversion"]),
        st.sampled_from(["", "1.0", "resource_usage"]),
    ),
)
async def test_no_body_makes_the_door_fail(
    door: DoorWorld, *, body: bytes, content_type: str, packing: str, is_packed: bool, ce_headers: dict[str, str]
) -> None:
    before = await door.messages()
    sent = PACKINGS[packing](body) if is_packed else body
    answer = await door.send(sent, content_type, content_encoding=packing, **ce_headers)
    assert answer.status_code in {202, 207, 413, 415, 422}
    if answer.status_code in {202, 207}:
        assert answer.json()["accepted"] > 0
        stored = await door.last_of("ann")
        assert not stored.wrong
        # A body that came before is kept once; what is new is one message of just the accepted events.
        if await door.messages() > before:
            assert len(stored.valid) == answer.json()["accepted"]
    else:
        assert await door.messages() == before


@pytest.mark.parametrize("nasty", NASTY)
async def test_what_is_nasty_is_refused(door: DoorWorld, nasty: bytes) -> None:
    for content_type in MEDIA_TYPES:
        assert (await door.send(nasty, content_type)).status_code in {207, 422}
