"""The usage event 1.0: exactly as published; anything else is rejected with the field and the reason."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogbank.events.usage_event import (
    METRIC_MAX,
    EventRejected,
    Rejection,
    decode_event,
    encode_event,
    instant_us,
    require_valid,
)
from fogbank.kernel.quantities import gauge_seconds_micros, metric_micros

PUBLISHED = b"""{
  "event_type": "resource_usage", "version": "1.0", "timestamp": "2023-07-15T14:30:00Z",
  "user_id": "user_123456", "org_id": "org_789012", "instance_id": "instance_abcdef",
  "metrics": {"cpu_seconds": 30, "cpu_percent_avg": 12.5, "memory_gb": 4.2, "memory_percent": 52.5,
              "storage_gb": 25.7, "network_egress_mb": 15.2, "network_ingress_mb": 8.7, "gpu_seconds": 0},
  "period": {"start": "2023-07-15T14:29:30Z", "end": "2023-07-15T14:30:00Z"}
}"""
END_US = 1_689_431_400_000_000
MINUTE_US = 60_000_000
METRICS = [
    "cpu_seconds",
    "cpu_percent_avg",
    "memory_gb",
    "memory_percent",
    "storage_gb",
    "network_egress_mb",
    "network_ingress_mb",
    "gpu_seconds",
]
REQUIRED = ["event_type", "version", "timestamp", "user_id", "instance_id", "metrics", "period"]


def published(**changes: Any) -> dict[str, Any]:
    event: dict[str, Any] = msgspec.json.decode(PUBLISHED)
    return {**event, **changes}


def metrics(**changes: Any) -> dict[str, Any]:
    return {**published()["metrics"], **changes}


def field_rejected(event: object, now_us: int = END_US) -> str:
    with pytest.raises(EventRejected) as caught:
        require_valid(msgspec.json.encode(event), now_us)
    assert caught.value.rejection.reason
    return caught.value.rejection.field


def rejection_of_event(event: object) -> Rejection | None:
    try:
        accept(event)
    except EventRejected as rejected:
        return rejected.rejection
    return None


def accept(event: object, now_us: int = END_US) -> None:
    require_valid(msgspec.json.encode(event), now_us)


def test_the_published_example_is_valid_and_read_exactly() -> None:
    event = require_valid(PUBLISHED, END_US)
    assert (event.user_id, event.org_id, event.instance_id) == ("user_123456", "org_789012", "instance_abcdef")
    assert event.metrics.cpu_seconds == 30
    assert event.metrics.storage_gb == 25.7
    assert instant_us(event.period.start) == END_US - 30_000_000


def test_what_is_encoded_decodes_as_the_same_event() -> None:
    event = decode_event(PUBLISHED)
    assert decode_event(encode_event(event)) == event


def test_unknown_fields_are_ignored_at_every_level() -> None:
    accept(published(color="blue", metrics=metrics(disk_iops=7), period={**published()["period"], "zone": "x"}))


@pytest.mark.parametrize("org_id", [None, "absent"])
def test_the_organisation_may_be_null_or_absent(org_id: str | None) -> None:
    event = published(org_id=None)
    if org_id == "absent":
        del event["org_id"]
    assert require_valid(msgspec.json.encode(event), END_US).org_id is None


def test_a_sequence_and_a_node_may_be_named() -> None:
    event = require_valid(msgspec.json.encode(published(sequence=7, node_id="node-1")), END_US)
    assert (event.sequence, event.node_id) == (7, "node-1")


@pytest.mark.parametrize("end", [1_689_431_400, 1_689_431_400.0, "2023-07-15T16:30:00+02:00"])
def test_unix_seconds_and_offsets_name_the_same_instant(end: object) -> None:
    event = require_valid(msgspec.json.encode(published(period={"start": 1_689_431_370, "end": end})), END_US)
    assert instant_us(event.period.end) == END_US


@pytest.mark.parametrize("field", REQUIRED)
def test_a_missing_field_is_named(field: str) -> None:
    event = published()
    del event[field]
    assert field_rejected(event) == field


@pytest.mark.parametrize("metric", METRICS)
def test_a_missing_metric_is_named(metric: str) -> None:
    event = published()
    del event["metrics"][metric]
    assert field_rejected(event) == f"metrics.{metric}"


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("value", [-0.001, METRIC_MAX * 1.001, "30", True, None, [1]])
def test_a_metric_that_is_no_plausible_number_is_named(metric: str, value: object) -> None:
    assert field_rejected(published(metrics=metrics(**{metric: value}))) == f"metrics.{metric}"


@pytest.mark.parametrize("number", [b"1e400", b"-1e400", b"1" + b"0" * 400])
def test_a_number_beyond_a_double_is_rejected(number: bytes) -> None:
    with pytest.raises(EventRejected) as caught:
        require_valid(PUBLISHED.replace(b'"cpu_seconds": 30', b'"cpu_seconds": ' + number), END_US)
    assert caught.value.rejection.field == "metrics.cpu_seconds"


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity", b"0x10", b"01"])
def test_what_json_does_not_know_is_rejected(number: bytes) -> None:
    with pytest.raises(EventRejected, match="not JSON"):
        require_valid(PUBLISHED.replace(b'"cpu_seconds": 30', b'"cpu_seconds": ' + number), END_US)


def test_percentages_may_pass_one_hundred_because_there_are_many_cores() -> None:
    accept(published(metrics=metrics(cpu_percent_avg=6400, memory_percent=101)))


@given(st.sampled_from(METRICS), st.floats(min_value=0, max_value=METRIC_MAX))
def test_every_accepted_metric_fits_64_bits_in_micro_units_and_as_a_gauge_of_an_hour(metric: str, value: float) -> None:
    accept(published(metrics=metrics(**{metric: value})))
    assert gauge_seconds_micros(metric_micros(value), 3600 * 10**6) < 2**63


@pytest.mark.parametrize("field", ["instance_id", "user_id", "org_id", "node_id"])
@pytest.mark.parametrize("value", ["", "a b", "a/b", "ä", "x" * 129, "a\n", 7])
def test_an_id_of_other_characters_is_named(field: str, value: object) -> None:
    assert field_rejected(published(**{field: value})) == field


@pytest.mark.parametrize(("field", "value"), [("event_type", "usage"), ("version", "2.0"), ("version", 1.0)])
def test_another_type_or_version_is_named(field: str, value: object) -> None:
    assert field_rejected(published(**{field: value})) == field


@pytest.mark.parametrize("sequence", [-1, 2**63, 1.5, "7"])
def test_a_sequence_is_a_64_bit_counter(sequence: object) -> None:
    assert field_rejected(published(sequence=sequence)) == "sequence"


@pytest.mark.parametrize(
    "time",
    [
        *["yesterday", "", "2023-07-15", "2023-07-15T14:30:00", "2023-07-15T14:30:60Z", "2023-02-29T00:00:00Z"],
        *["1689431400", "2023-07-15T14:30:00Z" + " " * 30, "0001-01-01T00:00:00+23:59"],
        *[-1, 1e300, 10_000_000_000, True, None],
    ],
)
@pytest.mark.parametrize("field", ["timestamp", "period.start", "period.end"])
def test_what_is_no_time_is_named(field: str, time: object) -> None:
    event = published()
    if field == "timestamp":
        event["timestamp"] = time
    else:
        event["period"][field.removeprefix("period.")] = time
    assert field_rejected(event) == field


@pytest.mark.parametrize("end", ["2023-07-15T14:29:30Z", "2023-07-15T14:29:29Z", 1_689_431_370])
def test_a_period_must_end_after_it_starts(end: object) -> None:
    assert field_rejected(published(period={"start": "2023-07-15T14:29:30Z", "end": end})) == "period.end"


def test_a_period_may_last_one_hour_and_no_microsecond_more() -> None:
    accept(published(period={"start": "2023-07-15T13:30:00Z", "end": "2023-07-15T14:30:00Z"}))
    longer = {"start": "2023-07-15T13:29:59.999999Z", "end": "2023-07-15T14:30:00Z"}
    assert field_rejected(published(period=longer)) == "period.end"


def test_a_period_may_end_five_minutes_ahead_and_no_microsecond_more() -> None:
    accept(published(), now_us=END_US - 5 * MINUTE_US)
    assert field_rejected(published(), now_us=END_US - 5 * MINUTE_US - 1) == "period.end"


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b'{"user_id": "\xff"}', b'{"user_id": "\\ud800"}'])
def test_what_is_not_json_is_rejected_as_that(raw: bytes) -> None:
    with pytest.raises(EventRejected, match=r"\(event\): not JSON"):
        decode_event(raw)


@pytest.mark.parametrize("value", [None, [], "text", 5])
def test_json_that_is_no_object_is_rejected(value: object) -> None:
    assert field_rejected(value) == "(event)"


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3),
    max_leaves=8,
)
paths = st.sampled_from(
    [(field,) for field in REQUIRED] + [("metrics", name) for name in METRICS] + [("period", "end")]
)


@given(paths, json_values)
def test_any_json_anywhere_is_accepted_or_rejected_with_field_and_reason(path: tuple[str, ...], value: Any) -> None:
    event = published()
    inner = event if len(path) == 1 else event[path[0]]
    inner[path[-1]] = value
    rejection = rejection_of_event(event)
    assert rejection is None or (rejection.field and rejection.reason)


@given(st.binary(max_size=200))
def test_any_bytes_are_rejected_and_crash_nothing(raw: bytes) -> None:
    with pytest.raises(EventRejected):
        decode_event(raw)
