"""Notices say in plain words what their signals tell, whatever these hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogbank.accounts.client import Permission
from fogbank.events.signals import SignalType
from fogbank.notifications.model import Channel, EventClass, EventType
from fogbank.notifications.rules.events import (
    EVENT_TYPES,
    channels_wanted,
    class_of,
    is_urgent,
    permission_to_hear,
)
from fogbank.notifications.rules.words import SAID_OF, TITLE_CHARACTERS_MAX, words_of

LOW = {
    "state": "low",
    "available": "12.345678",
    "per_hour": "0.0032",
    "runway_seconds": "3600",
    "runs_out_at": "2026-11-25T14:00:00+00:00",
}
STORAGE = {
    "resource_type": "storage",
    "threshold_value": "500",
    "units": "GB",
    "value": "512.5",
    "action": "notify",
    "instance_id": "instance_abcdef",
    "notification_channels": "email,api_callback",
}


def said(event_type: EventType, data: dict[str, str]) -> tuple[str, str]:
    words = words_of(event_type, data, "Acme", "EUR")
    return words.title, words.text


@pytest.mark.parametrize(
    ("value", "units", "written"),
    [
        ("0.143299", "days", "3.44 hours"),
        ("3", "days", "3 days"),
        ("512.456789", "GB", "512.46 GB"),
        ("0.00712345", "cores", "0.0071 cores"),
        ("100", "%", "100 %"),
        ("0", "GB", "0 GB"),
        ("NaN", "GB", "NaN GB"),
        ("much", "GB", "much GB"),
    ],
)
def test_what_was_measured_is_as_exact_as_people_want_it(value: str, units: str, written: str) -> None:
    _, text = said(EventType.THRESHOLD_CLEARED, {**STORAGE, "value": value, "units": units})
    assert f"It is {written} now." in text


def test_low_credit_says_how_much_is_left_and_how_long_it_lasts() -> None:
    assert said(EventType.BALANCE_LOW, LOW) == (
        "The credit of Acme is running low",
        (
            "12.34 EUR are left. At 0.0032 EUR an hour that lasts until 25 November 2026, 14:00 UTC. "
            "Add credit before then, and nothing stops."
        ),
    )


def test_a_limit_that_is_crossed_says_by_what_and_what_was_ordered() -> None:
    assert said(EventType.THRESHOLD_VIOLATION, {**STORAGE, "action": "suspend"}) == (
        "Storage of instance_abcdef is above its limit",
        "It is 512.5 GB now. The limit is 500 GB. Its node has been told to suspend it.",
    )


def test_a_balance_falls_below_its_limit_and_is_an_accounts() -> None:
    data = {"resource_type": "balance", "threshold_value": "20", "units": "EUR", "value": "19.5", "instance_id": ""}
    assert said(EventType.THRESHOLD_VIOLATION, data)[0] == "Balance of Acme is below its limit"


def test_many_crossings_are_told_as_how_many_there_are() -> None:
    title, text = said(EventType.THRESHOLD_VIOLATION, {**STORAGE, "instance_id": "", "value": "", "more": "1204"})
    assert title == "Acme: 1,204 more crossings of the limit on storage"
    assert text.startswith("The limit is 500 GB.")


@given(
    st.sampled_from(sorted(SAID_OF)), st.dictionaries(st.sampled_from([*LOW, *STORAGE, "more"]), st.text()), st.text()
)
def test_whatever_a_signal_holds_the_title_is_one_short_line(
    event_type: EventType, data: dict[str, str], name: str
) -> None:
    words = words_of(event_type, data, name, "EUR")
    assert words.title.isprintable()
    assert 0 < len(words.title) <= TITLE_CHARACTERS_MAX
    assert words.text.isprintable()


def test_every_signal_there_is_means_something_to_people() -> None:
    assert set(EVENT_TYPES) == set(SignalType)
    assert set(EVENT_TYPES.values()) == set(SAID_OF)


def test_money_is_told_to_who_pays_and_machines_to_who_runs_them() -> None:
    assert permission_to_hear(EventType.BALANCE_LOW, {}) is Permission.HEAR_OF_MONEY
    assert permission_to_hear(EventType.THRESHOLD_VIOLATION, STORAGE) is Permission.HEAR_OF_INSTANCES
    runway = {"resource_type": "runway"}
    assert permission_to_hear(EventType.THRESHOLD_CLEARED, runway) is Permission.HEAR_OF_MONEY
    assert permission_to_hear(EventType.WEBHOOK_DISABLED, {}) is Permission.HEAR_OF_ACCOUNT
    assert class_of(EventType.BALANCE_LOW) is EventClass.BALANCE
    assert class_of(EventType.THRESHOLD_CLEARED) is EventClass.THRESHOLDS


def test_a_threshold_names_its_channels() -> None:
    assert channels_wanted(EventType.THRESHOLD_VIOLATION, STORAGE) == {Channel.EMAIL, Channel.API_CALLBACK}
    assert channels_wanted(EventType.THRESHOLD_VIOLATION, {"notification_channels": ""}) == set()
    assert channels_wanted(EventType.BALANCE_LOW, {}) == set(Channel)
    assert channels_wanted(EventType.ACCOUNT_SUSPENDED, {}) == {Channel.EMAIL, Channel.PORTAL}


@pytest.mark.parametrize(
    ("event_type", "action", "expected"),
    [
        (EventType.BALANCE_EXHAUSTED, "", True),
        (EventType.BALANCE_LOW, "", False),
        (EventType.THRESHOLD_VIOLATION, "suspend", True),
        (EventType.THRESHOLD_VIOLATION, "throttle", False),
        (EventType.THRESHOLD_CLEARED, "suspend", False),
    ],
)
def test_urgent_is_what_is_about_to_stop_machines(event_type: EventType, action: str, expected: bool) -> None:
    assert is_urgent(event_type, {"action": action}) is expected
