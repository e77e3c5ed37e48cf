"""Notices, the bell and preferences as people see them."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from fogbank.notifications.client import (
    EmailView,
    NoticesView,
    NoticeView,
    PreferencesView,
    QuietHoursView,
    UnreadView,
)
from fogbank.notifications.model import EventClass, EventType
from fogbank.portal.formats import Formats
from fogbank.portal.notices_page import read_query
from fogbank.portal.views.ages import age
from fogbank.portal.views.bell import SILENT, Bell, bell_of
from fogbank.portal.views.missing import Missing
from fogbank.portal.views.notices import TONES, email_text, notices_of
from fogbank.portal.views.preferences import CLASSES, form_of, read_preferences
from fogbank.portal.views.shell import AccountChoice
from fogbank.portal.watch import Watch, event_of, shown_bell

ACME = AccountChoice("org_acme", "Acme Robotics", "owner", is_organization=True)


@pytest.mark.parametrize(
    ("unread", "bell"),
    [
        (UnreadView(0, is_more=False), SILENT),
        (UnreadView(1, is_more=False), Bell("1", "1 unread notice")),
        (UnreadView(3, is_more=False), Bell("3", "3 unread notices")),
        (UnreadView(99, is_more=False), Bell("99", "99 unread notices")),
        (UnreadView(100, is_more=False), Bell("99+", "99+ unread notices")),
        (UnreadView(100, is_more=True), Bell("99+", "99+ unread notices")),
        (Missing("Notifications", is_late=True), None),
    ],
)
def test_the_bell_says_how_many_are_unread(unread: UnreadView | Missing, bell: Bell | None) -> None:
    assert bell_of(unread) == bell


def test_a_stream_rings_when_it_differs_from_what_the_page_shows(formats: Formats, now: datetime) -> None:
    watch, three = Watch("2"), Bell("3", "3 unread notices")
    told = b'id: bell-3\nevent: notices-changed\ndata: {"text":"3","label":"3 unread notices"}\n\n'
    assert list(watch.changes(None, three, formats, now)) == [told]
    assert list(watch.changes(None, three, formats, now)) == []
    assert list(watch.changes(None, None, formats, now)) == []
    (silence,) = watch.changes(None, SILENT, formats, now)
    assert silence == b"id: bell-\n" + event_of("notices-changed", '{"text":"","label":"No unread notices"}')


def test_a_browser_that_comes_back_says_what_it_was_told_last() -> None:
    assert shown_bell("", "2") == "2"
    assert shown_bell("bell-5", "2") == "5"
    assert shown_bell("bell-", "2") == ""
    assert shown_bell("something else", "2") == "2"


def test_a_page_that_did_not_know_is_told_even_that_there_is_nothing(formats: Formats, now: datetime) -> None:
    assert len(list(Watch("?").changes(None, SILENT, formats, now))) == 1


def notice(now: datetime, **changes: Any) -> NoticeView:
    usual: dict[str, Any] = {
        "id": "n",
        "cursor": "7",
        "event_type": "threshold_violation",
        "title": "Storage is above its limit",
        "text": "It is 512 GB now.",
        "account_id": "org_acme",
        "instance_id": None,
        "data": {},
        "occurred_at": now - timedelta(minutes=5),
        "is_urgent": False,
        "read_at": None,
        "email": None,
    }
    return NoticeView(**usual | changes)


def test_a_notice_leads_to_what_it_is_about(now: datetime, formats: Formats) -> None:
    found = [
        notice(now),
        notice(now, event_type="balance_low", account_id="org_left", read_at=now),
        notice(now, event_type="webhook_disabled", is_urgent=True),
    ]
    notices = notices_of(NoticesView(found, "5"), [ACME], now, formats)
    assert [line.place for line in notices.lines] == [
        "/alerts?account=org_acme",
        "/usage?account=org_left",
        "/webhooks?account=org_acme",
    ]
    assert [line.account for line in notices.lines] == ["Acme Robotics", "", "Acme Robotics"]
    assert [line.is_unread for line in notices.lines] == [True, False, True]
    assert [line.tone for line in notices.lines] == ["warn", "warn", "bad"]
    assert (notices.newest, notices.older, notices.lines[0].age) == ("7", "5", "5 min ago")


def test_every_sort_of_notice_and_every_class_has_its_words() -> None:
    assert set(TONES) == {event.value for event in EventType}
    assert set(CLASSES) == {each.value for each in EventClass}


@pytest.mark.parametrize(
    ("since", "text"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=59), "59 min ago"),
        (timedelta(hours=23, minutes=59), "23 h ago"),
        (timedelta(days=1), "22 Nov"),
        (timedelta(days=400), "19 Oct 2025"),
    ],
)
def test_ages_are_said_as_people_say_them(since: timedelta, text: str, now: datetime, formats: Formats) -> None:
    assert age(now - since, now, formats) == text


def test_what_became_of_an_email_is_said(now: datetime, formats: Formats) -> None:
    states = ("sent", "held", "queued", "failed", "unsent")
    assert [email_text(EmailView(state, "Why.", now), formats) for state in states] == [
        "E-mail sent at 09:12",
        "E-mail comes at 09:12",
        "E-mail on its way",
        "E-mail failed: Why.",
        "Why.",
    ]
    assert email_text(None, formats) == ""


def test_preferences_go_through_the_form_unchanged() -> None:
    hours = QuietHoursView("21:30", "06:00", "Europe/Vienna")
    wanted = PreferencesView({"balance": ["email", "portal"], "thresholds": [], "account": ["portal"]}, hours)
    form = form_of(wanted, "UTC")
    posted = {wish.name: "on" for row in form.rows for wish in row.wishes if wish.is_wanted}
    posted |= {f"class.{name}": "1" for name in wanted.channels}
    posted |= {"quiet": "on", "from": form.from_time, "to": form.to_time, "timezone": form.timezone}
    assert read_preferences(posted) == wanted
    assert read_preferences({name: text for name, text in posted.items() if name != "quiet"}).quiet_hours is None


def test_without_quiet_hours_those_of_the_browsers_time_zone_are_proposed() -> None:
    form = form_of(PreferencesView({}, None), "Europe/Oslo")
    assert (form.is_quiet, form.from_time, form.to_time, form.timezone) == (False, "22:00", "07:00", "Europe/Oslo")


def test_an_address_that_makes_no_sense_shows_all_notices() -> None:
    assert read_query({"show": "some", "after": "x" * 5}) == read_query({})
    assert read_query({"after": "9" * 19}).after == ""
    assert read_query({"show": "unread", "after": "12"}).params == "show=unread&after=12"
