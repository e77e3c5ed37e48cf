"""What a request says, and what must not be believed of it."""

from zoneinfo import ZoneInfo

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from fogbank.portal.model import Grouping, Range
from fogbank.portal.page_route import own_path
from fogbank.portal.query import HIDDEN_MAX, read_query
from fogbank.portal.viewer import locale_of, timezone_of, timezones
from fogbank.portal.views.chart import ChartChoice
from fogbank.portal.views.instances import Column


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        ("de-DE,de;q=0.9,en;q=0.8", "de_DE"),
        ("xx, fr-CH;q=0.5, en;q=0.9", "en"),
        ("en-US", "en_US"),
        ("*", "en_GB"),
        ("", "en_GB"),
        (";;;q=,,", "en_GB"),
        ("de;q=nonsense, nl", "nl"),
    ],
)
def test_the_first_language_with_figures_counts(header: str, locale: str) -> None:
    assert locale_of(header) == Locale.parse(locale)


@given(st.text(max_size=100))
def test_any_language_header_gives_a_locale_with_figures(header: str) -> None:
    assert locale_of(header).number_symbols["latn"]


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../../etc/passwd", "/etc/passwd", "America", "\0", "x" * 500])
def test_what_is_no_time_zone_is_utc(name: str) -> None:
    assert timezone_of(name) == ZoneInfo("UTC")


def test_only_time_zones_that_are_known_are_proposed() -> None:
    assert {"UTC", "Europe/Vienna", "America/New_York"} <= set(timezones())
    assert all(timezone_of(name).key == name for name in timezones())
    assert not {"Etc/GMT+5", "posixrules"} & set(timezones())


def test_a_time_zone_is_read_as_browsers_write_cookies() -> None:
    assert timezone_of("Europe%2FBerlin") == timezone_of("Europe/Berlin") == ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("/usage", "/usage"),
        ("/usage?range=7d&by=instance", "/usage?range=7d&by=instance"),
        ("http://127.0.0.1:8080/usage?range=7d", "/usage?range=7d"),
        ("//evil.example/usage", "/usage"),
        ("https://evil.example", "/usage"),
        ("/\\evil.example", "/usage"),
        ("javascript:alert(1)", "/usage"),
        ("/sign-out", "/usage"),
        ("/usage?next=https://evil.example/", "/usage?next=https://evil.example/"),
        ("/alerts", "/alerts"),
        ("/alerts/threshold_1/delete?account=org_acme", "/alerts/threshold_1/delete?account=org_acme"),
        ("http://127.0.0.1:8080/notifications/preferences", "/notifications/preferences"),
        ("/notifications?show=unread&after=3", "/notifications?show=unread&after=3"),
        ("/invitations?token=abc_-1", "/invitations?token=abc_-1"),
        ("/alertsomething", "/usage"),
        ("/alerts//evil.example", "/usage"),
        ("/usage?a\nset-cookie: b", "/usage"),
        ("", "/usage"),
    ],
)
def test_after_signing_in_people_stay_here(address: str, path: str) -> None:
    assert own_path(address) == path


@given(st.text() | st.text().map("/alerts?".__add__) | st.text().map("/notifications/".__add__))
def test_no_address_leads_elsewhere(address: str) -> None:
    path = own_path(address)
    assert path.startswith(("/usage", "/prices", "/alerts", "/notifications"))
    assert not set(path) & {"\n", "\r", "\\", " "}


def test_what_the_address_does_not_name_is_the_usual() -> None:
    usual = read_query({})
    assert usual.choice is None
    assert (usual.filter, usual.order.column) == ("", Column.COST)
    assert read_query({"range": "99y", "by": "colour", "order": "--"}) == usual


def test_what_the_address_names_is_shown() -> None:
    query = read_query(
        {"range": "7d", "by": "instance", "hide": "a,,b", "q": " gpu ", "order": "name", "press": "-name"}
    )
    assert query.choice == ChartChoice(Range.WEEK, Grouping.INSTANCE, frozenset({"a", "b"}))
    assert (query.filter, str(query.order)) == ("gpu", "-name")
    long = read_query({"range": "7d", "hide": ",".join(map(str, range(1000)))}).choice
    assert long is not None
    assert len(long.hidden) <= HIDDEN_MAX
    assert read_query({"by": "instance"}).choice == ChartChoice(Range.MONTH, Grouping.INSTANCE)
