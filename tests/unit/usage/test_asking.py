"""Asking for history: every word means something, or is named with what is allowed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fogbank.runtime.auth import Caller, CallerKind
from fogbank.usage.client import Format
from fogbank.usage.cursors import cursor_of
from fogbank.usage.errors import NotAllowed
from fogbank.usage.history.asking import (
    MEDIA_TYPES,
    METERS,
    format_of,
    groups_of,
    history_query,
    narrowed_to,
    place_of,
    timezone_of,
)
from fogbank.usage.model import HistoryQuery, Place

MARCH = datetime(2026, 3, 1, tzinfo=UTC)


def asked(**changes: Any) -> HistoryQuery:
    words: dict[str, Any] = {
        "subject": "instances",
        "subject_id": "i-1",
        "from_at": MARCH,
        "to_at": MARCH + timedelta(hours=3),
        "interval": "hour",
        "timezone": "UTC",
        "group_by": "",
        "only": narrowed_to(instance_id="", user_id="", node_id="", tier="", meter=""),
        "cursor": None,
        "rows_max": 10,
        "caller": Caller("user_1", CallerKind.USER, {"org_1": "viewer"}),
        **changes,
    }
    return history_query(**words)


def test_people_see_their_own_and_their_organisations_and_services_see_all() -> None:
    assert asked().visibility.accounts == frozenset({"user_1", "org_1"})
    assert asked(caller=Caller("billing", CallerKind.SERVICE)).visibility.accounts is None
    assert asked(caller=Caller("root", CallerKind.USER, is_administrator=True)).visibility.accounts is None


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_a_time_zone_a_list_of_groups_and_a_cursor_or_is_refused_as_such(text: str) -> None:
    for field, read in (("timezone", timezone_of), ("group_by", groups_of), ("after", place_of)):
        assert refused_field(read, text) in {None, field}


def refused_field(read: Callable[[str], object], text: str) -> str | None:
    """The field that is refused, if it is."""
    try:
        read(text)
    except NotAllowed as error:
        return error.field
    return None


@settings(deadline=None)
@given(st.builds(Place, st.integers(0, 2**62 - 1), *[st.text(max_size=20)] * 4, st.sampled_from(["", "cpu_seconds"])))
def test_a_cursor_leads_back_to_its_place(place: Place) -> None:
    assert place_of(cursor_of(place)) == place


@pytest.mark.parametrize(
    ("asked_for", "accept", "given_out"),
    [
        (None, "", "json"),
        (None, "*/*", "json"),
        (None, "text/csv;q=0, application/json", "json"),
        (None, "application/json;q=0.4, Application/VND.apache.arrow.stream ;q=0.5", "arrow"),
        (None, "text/csv;q=nonsense", "csv"),
        ("parquet", "text/csv", "parquet"),
    ],
)
def test_the_format_is_the_parameters_else_the_one_that_is_liked_best(
    asked_for: Format | None, accept: str, given_out: Format
) -> None:
    assert format_of(asked_for, accept) == given_out


@given(st.text(max_size=80))
def test_any_text_is_an_accept_header(accept: str) -> None:
    assert format_of(None, accept) in MEDIA_TYPES


def test_filters_name_each_once_and_meters_are_all_where_none_is_named() -> None:
    narrowed = narrowed_to(instance_id=" b,a,,b ", user_id="", node_id="", tier="gpu-1", meter="")
    assert (narrowed.instance_ids, narrowed.user_ids, narrowed.tiers) == (("a", "b"), (), ("gpu-1",))
    assert narrowed.meters == METERS
    chosen = narrowed_to(instance_id="", user_id="", node_id="", tier="", meter="instance_seconds,cpu_seconds")
    assert chosen.meters == ("cpu_seconds", "instance_seconds")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"subject_id": "no id"}, "id"),
        ({"to_at": MARCH}, "to"),
        ({"from_at": datetime(1, 1, 1, tzinfo=UTC)}, "from"),
        ({"to_at": datetime(9999, 12, 31, tzinfo=UTC)}, "to"),
        ({"to_at": MARCH + timedelta(days=93, hours=1)}, "to"),
        ({"interval": "month", "to_at": MARCH + timedelta(days=36_526)}, "to"),
    ],
)
def test_what_is_not_allowed_is_named(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        asked(**changes)
    assert refused.value.field == field
