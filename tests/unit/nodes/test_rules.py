"""Only about now can be said, some names are nobody's, one key has one text, and who fails often waits."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogbank.compute.nodes.errors import KeyNotGood, TooManyAttempts
from fogbank.compute.nodes.keys import PublicKey
from fogbank.compute.nodes.names import can_name_a_node
from fogbank.compute.nodes.rules import BACKDATED_MAX, is_sayable
from fogbank.compute.nodes.throttle import FAILURES_MAX, WINDOW, RegistrationThrottle
from fogbank.kernel.ids import ID_PATTERN

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@given(st.timedeltas(min_value=timedelta(days=-1), max_value=timedelta(days=1)))
def test_a_placement_begins_and_ends_within_minutes_of_being_written_down(late: timedelta) -> None:
    assert is_sayable(NOW - late, NOW) == (timedelta(0) <= late <= BACKDATED_MAX)


@given(st.from_regex(ID_PATTERN, fullmatch=True))
def test_every_id_names_a_node_but_those_that_others_speak_under(text: str) -> None:
    assert can_name_a_node(text) == (text not in ("services", "system") and not text.startswith("door:"))


@given(st.binary(min_size=32, max_size=32))
def test_a_key_has_one_text_however_it_is_written(raw: bytes) -> None:
    text = b64encode(raw).decode()
    spare = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    written = text[:42] + spare[spare.index(text[42]) + 1] + "="
    assert PublicKey.read(text).text == PublicKey.read(written).text == text


@given(st.text(max_size=60))
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(KeyNotGood):
        PublicKey.read(text)


def test_who_fails_often_waits_a_minute_and_others_do_not() -> None:
    throttle = RegistrationThrottle()
    for _ in range(FAILURES_MAX):
        throttle.begin("here", NOW)
        throttle.failed("here", NOW)
    with pytest.raises(TooManyAttempts) as refused:
        throttle.begin("here", NOW + timedelta(seconds=20))
    assert refused.value.retry_after == timedelta(seconds=40)
    throttle.begin("there", NOW)
    throttle.begin("here", NOW + WINDOW)
