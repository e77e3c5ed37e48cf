"""What was wrong is set aside reading by reading, and a message that is wrong all over as one entry."""

from hypothesis import given
from hypothesis import strategies as st

from fogbank.events.reading import WrongEvent
from fogbank.events.usage_event import Rejection
from fogbank.queue.client import Message
from fogbank.runtime.clock import now_utc
from fogbank.usage.ingesting.setting_aside import APART_MAX, set_aside

MESSAGES = [
    Message(f"usage.v1.0.n{number}", f"n{number}", b"payload %d" % number, {}, number, now_utc(), "", 0)
    for number in range(3)
]


def wrong_events(count: int) -> list[WrongEvent]:
    return [WrongEvent(ordinal, b"raw %d" % ordinal, Rejection("user_id", "is missing")) for ordinal in range(count)]


@given(st.lists(st.sampled_from([0, 1, 3, APART_MAX, APART_MAX + 1, 5_000]), min_size=3, max_size=3))
def test_a_message_makes_no_more_entries_than_it_may(counts: list[int]) -> None:
    wrong = [(place, each) for place, count in enumerate(counts) for each in wrong_events(count)]
    entries = list(set_aside(MESSAGES, wrong))
    for place, count in enumerate(counts):
        of_message = [entry for entry in entries if entry.message is MESSAGES[place]]
        if count <= APART_MAX:
            assert [entry.payload for entry in of_message] == [b"raw %d" % ordinal for ordinal in range(count)]
        else:
            [whole] = of_message
            assert (whole.ordinal, whole.payload) == (None, MESSAGES[place].payload)
            assert whole.rejection.reason == (
                f"holds {count} readings that are not taken; the first: user_id is missing"
            )


def test_a_message_that_was_not_read_is_set_aside_whole() -> None:
    [entry] = set_aside(MESSAGES, [(1, Rejection("(message)", "the payload is not zstd"))])
    assert (entry.message, entry.ordinal, entry.payload) == (MESSAGES[1], None, b"payload 1")
