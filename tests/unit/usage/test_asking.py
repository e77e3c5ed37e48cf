"""Asking for history: every word means something, or is named with what is allowed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fogbank.runtime.auth import Caller, CallerKind
from fogbank.usage.errors import NotAllowed
from fogbank.usage.history.asking import (
    cursor_of,
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
    for field, read in (("timezone", timezone_of), ("group_by", groups_of), ("cursor", place_of)):
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
