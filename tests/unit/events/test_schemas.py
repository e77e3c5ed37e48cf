"""The schema registry: made from the types, true of what they decode, and compatible with all that was published.

`make golden` writes the golden files anew, unless that would take back something that is published.
"""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.events.schema_check import is_valid

from fogbank.events.schemas.compatibility import breaks
from fogbank.events.schemas.registry import USAGE_EXAMPLE, Published, published
from fogbank.events.signals import Signal, SignalType
from fogbank.events.usage_event import EventRejected, require_valid

LONG_AFTER_US = 7_000_000_000_000_000
EVERYTHING = {each.name: each for each in published()}
USAGE = EVERYTHING["resource_usage-1.0"]


@pytest.fixture(scope="session")
def golden(golden_files: Path) -> Path:
    return golden_files / "schemas"


@pytest.mark.parametrize("name", EVERYTHING)
def test_a_published_schema_is_its_golden_file_and_accepts_all_that_it_accepted(
    name: str, golden: Path, request: pytest.FixtureRequest
) -> None:
    path, schema = golden / f"{name}.json", EVERYTHING[name].schema
    if path.exists():
        assert breaks(json.loads(path.read_text()), schema) == [], "publish a new version beside this one"
    if request.config.getoption("--update-golden"):
        path.write_text(json.dumps(schema, indent=2) + "\n")
    assert json.loads(path.read_text()) == schema, "`make golden` writes it anew"


def test_nothing_that_was_published_is_gone(golden: Path) -> None:
    assert {path.stem for path in golden.glob("*-*.json")} == EVERYTHING.keys()


def test_every_signal_has_a_schema() -> None:
    assert {each.type for each in EVERYTHING.values()} == {"resource_usage", *SignalType}


@pytest.mark.parametrize("each", EVERYTHING.values(), ids=EVERYTHING)
def test_an_example_is_valid_and_decodes(each: Published) -> None:
    assert each.schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert each.schema["$id"] == f"urn:fogbank:schema:{each.type}:{each.version}"
    for example in each.schema["examples"]:
        assert is_valid(example, each.schema)
        raw = msgspec.json.encode(example)
        if each is USAGE:
            require_valid(raw, LONG_AFTER_US)
        else:
            assert msgspec.json.decode(raw, type=Signal).type == each.type


GOOD_IDS = st.from_regex(r"\A[A-Za-z0-9_.:-]{1,128}\Z")
IDS: st.SearchStrategy[Any] = GOOD_IDS | st.none() | st.integers() | st.sampled_from(["", "a b", "é", "x" * 129, "a\n"])
METRICS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-1, 2 * 10**9) | st.none() | st.just("1")
CHANGES: dict[str, st.SearchStrategy[Any]] = {
    "event_type": st.sampled_from(["resource_usage", "other", None]),
    "version": st.sampled_from(["1.0", "1.1", 1.0]),
    "timestamp": st.sampled_from(["2023-07-15T14:30:00Z", "x" * 41, None, 0, -1, 7_258_118_401, 1.5e9, [], True]),
    "user_id": IDS,
    "org_id": IDS,
    "instance_id": IDS,
    "node_id": IDS,
    "sequence": st.none() | st.integers(-(2**65), 2**65) | st.just("1"),
    "unknown": st.integers(),
    "metrics": st.sampled_from([None, {}, []])
    | st.fixed_dictionaries({"cpu_seconds": METRICS}).map(lambda change: {**USAGE_EXAMPLE["metrics"], **change}),
    "period": st.sampled_from([None, {}, {"start": 1_689_431_370, "end": 1_689_431_400.5}]),
}


@given(data=st.data(), removed=st.none() | st.sampled_from(list(USAGE_EXAMPLE)))
def test_the_schema_and_the_decoder_are_of_one_mind(data: st.DataObject, removed: str | None) -> None:
    names = data.draw(st.sets(st.sampled_from(list(CHANGES)), max_size=2))
    changes = {name: data.draw(CHANGES[name], label=name) for name in names}
    event = {name: value for name, value in {**USAGE_EXAMPLE, **changes}.items() if name != removed}
    try:
        require_valid(msgspec.json.encode(event), LONG_AFTER_US)
    except EventRejected:
        is_accepted = False
    else:
        is_accepted = True
    assert is_valid(event, USAGE.schema) == is_accepted
