"""The stream: it tells what is new, once, and when costs moved."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import msgspec

from fogbank.accounts.ledger.client import BalanceView
from fogbank.billing.client import SpendView
from fogbank.compute.client import Activity, CurrentTotals, CurrentUsage
from fogbank.portal.formats import Formats
from fogbank.portal.service import LiveFacts
from fogbank.portal.views.bell import SILENT
from fogbank.portal.views.live import events_text
from fogbank.portal.views.missing import Missing
from fogbank.portal.watch import BEAT, Watch

SECOND = timedelta(seconds=1)
Build = Callable[..., Any]


def facts_at(now: datetime, balance: BalanceView, spend: SpendView, instances: int = 1) -> LiveFacts:
    current = CurrentUsage("org", now, CurrentTotals(instances, 0, {}), [], None)
    return LiveFacts(balance, spend, current, Activity(4.2, 60))


def names(events: list[bytes]) -> list[str]:
    return [event.decode().partition("\n")[0].removeprefix("event: ") for event in events]


def test_the_first_look_tells_everything_and_the_second_nothing(
    balance: Build, spend: Build, formats: Formats, now: datetime
) -> None:
    watch, facts = Watch(), facts_at(now, balance(), spend())
    first = list(watch.changes(facts, SILENT, formats, now))
    assert names(first) == ["figures", "said"]
    told = msgspec.json.decode(first[0].split(b"data: ")[1])
    assert told["balance"] == "€1,204.60"
    assert told["events"] == "4.2 events/s"
    assert list(watch.changes(facts, SILENT, formats, now + SECOND)) == []


def test_only_what_changed_is_told_again(balance: Build, spend: Build, formats: Formats, now: datetime) -> None:
    watch = Watch()
    list(watch.changes(facts_at(now, balance(), spend()), SILENT, formats, now))
    (event,) = watch.changes(facts_at(now, balance(balance="1204.10"), spend()), SILENT, formats, now + SECOND)
    assert msgspec.json.decode(event.split(b"data: ")[1]) == {"balance": "€1,204.10"}


def test_moved_costs_and_new_machines_make_the_page_fetch_its_parts(
    balance: Build, spend: Build, formats: Formats, now: datetime
) -> None:
    watch = Watch()
    list(watch.changes(facts_at(now, balance(), spend()), SILENT, formats, now))
    dearer = facts_at(now, balance(), spend(month_to_date="2841.40"))
    assert names(list(watch.changes(dearer, SILENT, formats, now + SECOND))) == ["figures", "cost-changed"]
    more = facts_at(now, balance(), spend(month_to_date="2841.40"), instances=2)
    assert names(list(watch.changes(more, SILENT, formats, now + 2 * SECOND))) == ["cost-changed"]


def test_a_component_that_comes_back_unchanged_is_no_news(
    balance: Build, spend: Build, formats: Formats, now: datetime
) -> None:
    watch, facts = Watch(), facts_at(now, balance(), spend())
    list(watch.changes(facts, SILENT, formats, now))
    away = replace(facts, spend=Missing("Billing", is_late=False))
    assert names(list(watch.changes(away, SILENT, formats, now + SECOND))) == []
    assert list(watch.changes(facts, SILENT, formats, now + 2 * SECOND)) == []


def test_a_quiet_stream_beats_and_speaks_once_a_minute(
    balance: Build, spend: Build, formats: Formats, now: datetime
) -> None:
    watch, facts = Watch(), facts_at(now, balance(), spend())
    list(watch.changes(facts, SILENT, formats, now))
    assert list(watch.changes(facts, SILENT, formats, now + 15 * SECOND)) == [BEAT]
    assert list(watch.changes(facts, SILENT, formats, now + 16 * SECOND)) == []
    said = list(watch.changes(facts, SILENT, formats, now + 60 * SECOND))
    assert said[0] == "event: said\ndata: At 09:13: balance €1,204.60, burn rate €5.12 an hour.\n\n".encode()


def test_few_events_are_told_by_the_minute(formats: Formats) -> None:
    rates = (0.0, 0.0166, 0.0333, 0.2667, 4.2, 438.4)
    assert [events_text(Activity(rate, 60), formats) for rate in rates] == [
        "0 events/min",
        "1 event/min",
        "2 events/min",
        "16 events/min",
        "4.2 events/s",
        "438 events/s",
    ]
