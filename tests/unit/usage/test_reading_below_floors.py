"""Readings below their payer's floor are set aside, exactly as they came; the rest of their message is not."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.integration.usage.conftest import reading

from fogbank.events.batch import pack
from fogbank.kernel.periods import microseconds_of
from fogbank.queue.client import Message
from fogbank.usage.ingesting.reading import read_some
from fogbank.usage.retention.model import PayerFloors

FLOOR = datetime(2026, 3, 1, tzinfo=UTC)
FLOOR_US = microseconds_of(FLOOR)
SECOND = timedelta(seconds=1)


def message(events: Sequence[dict[str, Any]], place: int = 1) -> Message:
    batch = pack([msgspec.json.encode(event) for event in events], "node-1", 0, 0)
    received_at = FLOOR + timedelta(days=30)
    return Message("usage.v1.node-1", "node-1", batch.payload, batch.headers, place, received_at, "", 0)


@pytest.mark.parametrize(
    ("floors", "refused"),
    [
        (PayerFloors(), []),
        (PayerFloors(FLOOR_US), [0, 2, 3]),
        (PayerFloors(0, {"org_a": FLOOR_US}), [0]),
        (PayerFloors(0, {"user_of_i": FLOOR_US}), [3]),
        (PayerFloors(FLOOR_US, {"org_a": 0, "user_of_i": 0}), [2]),
        (PayerFloors(FLOOR_US - 86_400_000_000), []),
    ],
)
def test_each_reading_is_judged_by_its_own_payers_floor(
    tmp_path: Path, floors: PayerFloors, refused: list[int]
) -> None:
    events = [
        reading("i", FLOOR - SECOND, org_id="org_a", unknown="kept as it came"),
        reading("i", FLOOR, org_id="org_a"),
        reading("i", FLOOR - 2 * SECOND, org_id="org_b"),
        reading("i", FLOOR - 3 * SECOND),
    ]
    late = [reading("i", FLOOR + SECOND, org_id="org_a")]
    read = read_some([message(events), message(late, 2)], tmp_path, floors)
    assert (read.messages, read.events) == (2, 5 - len(refused))
    assert sorted(what.ordinal for _, what in read.wrong) == refused  # type: ignore[union-attr]
    for place, what in read.wrong:
        assert place == 0
        assert what.raw == msgspec.json.encode(events[what.ordinal])  # type: ignore[union-attr]
        assert what.rejection.field == "period.start"  # type: ignore[union-attr]
        assert "is before 2026-03-01T00:00:00Z" in what.rejection.reason  # type: ignore[union-attr]


def test_a_message_of_nothing_but_expired_readings_leaves_no_file(tmp_path: Path) -> None:
    read = read_some([message([reading("i", FLOOR - SECOND)])], tmp_path, PayerFloors(FLOOR_US))
    assert (read.messages, read.events, read.file, len(read.wrong)) == (1, 0, None, 1)
    assert list(tmp_path.iterdir()) == []
