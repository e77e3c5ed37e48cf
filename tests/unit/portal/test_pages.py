"""What goes with the pages: files, exports, the frame, the first minute, the palette."""

import gzip
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import fogbank.portal
from fogbank.accounts.client import InstanceView
from fogbank.billing.client import CostRow, CostsView
from fogbank.compute.client import CurrentMetrics, CurrentPeriod, CurrentTotals, CurrentUsage, InstanceCurrent
from fogbank.portal.assets import AssetMissing, load_assets
from fogbank.portal.charts.sparkline import Sparkline
from fogbank.portal.export import csv_of
from fogbank.portal.formats import Formats
from fogbank.portal.model import Grouping, Range, Series
from fogbank.portal.rules.ranges import buckets
from fogbank.portal.service import ChartFacts, FigureFacts
from fogbank.portal.views.beginning import WAITING, beginning_of
from fogbank.portal.views.chart import Chart, ChartChoice, chart_of
from fogbank.portal.views.missing import Missing
from fogbank.portal.views.palette import jumps
from fogbank.portal.views.parts import chart_part, figures_part
from fogbank.portal.views.shell import AccountChoice, choose_account

NOW = datetime(2026, 11, 23, 9, 12, tzinfo=UTC)
KIB = 1024
Build = Callable[..., Any]

ACME = AccountChoice("org_acme", "Acme Robotics", "owner", is_organization=True)
OWN = AccountChoice("user_mira", "Mira", "owner", is_organization=False)


def test_files_are_named_by_their_content_and_compressed() -> None:
    assets = load_assets()
    assert load_assets().digest == assets.digest
    assert assets.url("app.css") == f"/static/{assets.digest}/app.css"
    for asset in assets.by_name.values():
        assert gzip.decompress(asset.gzipped) == asset.plain
    with pytest.raises(KeyError):
        assets.url("nothing.css")


def test_all_files_of_a_page_together_are_light() -> None:
    assert sum(len(asset.gzipped) for asset in load_assets().by_name.values()) < 40 * KIB


def test_a_missing_file_is_said_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(AssetMissing, match=r"tokens.css is missing"):
        load_assets(tmp_path)


def test_scripts_and_styles_are_never_inline() -> None:
    templates = Path(fogbank.portal.__file__).parent / "templates"
    for template in templates.rglob("*.html"):
        text = template.read_text()
        assert " style=" not in text, template
        assert "<style" not in text, template
        assert re.search(r"\son[a-z]+=", text) is None, template
        assert "<script>" not in text, template


def test_exported_amounts_are_exact_and_names_are_no_formulas() -> None:
    row = CostRow(NOW, NOW, "i-1", '=cmd|" /C calc"!A0', "0.000001")
    text = csv_of(CostsView("org", "EUR", "day", "instance", "UTC", "0.000001", [row], None))
    assert text.splitlines() == [
        "start,end,key,label,cost,currency",
        """2026-11-23T09:12:00+00:00,2026-11-23T09:12:00+00:00,i-1,"'=cmd|"" /C calc""!A0",0.000001,EUR""",
    ]


def test_the_wanted_account_is_opened_if_it_is_theirs() -> None:
    assert choose_account([ACME, OWN], "user_mira") is OWN
    assert choose_account([ACME, OWN], "org_somebody_elses") is ACME
    assert choose_account([ACME, OWN], None) is ACME


def test_an_account_says_what_it_is() -> None:
    assert (ACME.kind, ACME.part, ACME.initial, ACME.usage_kind) == (
        "Organisation · Owner",
        "Owner",
        "A",
        "organizations",
    )
    assert (OWN.kind, OWN.part, OWN.usage_kind) == ("Personal account", "Personal", "users")


def chart(formats: Formats, *series: Series) -> Chart:
    bars = buckets(Range.MONTH, NOW, formats.timezone)
    return chart_of(ChartChoice(Range.MONTH, Grouping.METER), bars, series, [], formats)


def current(*ends: datetime) -> CurrentUsage:
    metrics = CurrentMetrics(0, 0, 0, 0, 0, 0, 0, 0)
    listed = [InstanceCurrent("i", "u", None, metrics, CurrentPeriod(end, end), {}, 1.0, False) for end in ends]
    return CurrentUsage("u", NOW, CurrentTotals(len(listed), 0, {}), listed, None)


def test_the_first_minute_says_what_it_waits_for(spend: Build, formats: Formats) -> None:
    nothing = spend(month_to_date="0.00")
    assert beginning_of(nothing, current(), chart(formats), formats) == WAITING
    arrived = beginning_of(nothing, current(NOW), chart(formats), formats)
    assert arrived is not None
    assert arrived.headline == "First reading arrived at 09:12"


def test_once_anything_cost_something_the_first_minute_is_over(spend: Build, formats: Formats) -> None:
    assert beginning_of(spend(), current(), chart(formats), formats) is None
    earlier = chart(formats, Series("cpu_seconds", "CPU", [1, *[0] * 29]))
    assert beginning_of(spend(month_to_date="0.00"), current(), earlier, formats) is None
    away = Missing("Billing", is_late=True)
    assert beginning_of(away, current(), chart(formats), formats) is None


def test_machines_are_called_by_the_names_people_gave_them(formats: Formats) -> None:
    bars = buckets(Range.MONTH, NOW, formats.timezone)
    row = CostRow(bars[3].start_at, bars[3].end_at, "i-1", "i-1", "2.00")
    costs = CostsView("org", "EUR", "day", "instance", "UTC", "2.00", [row], None)
    named = InstanceView("i-1", "gpu-a", "org_acme", "user_mira", "org_acme", NOW)
    choice = ChartChoice(Range.MONTH, Grouping.INSTANCE)
    for registered, name in (([named], "gpu-a"), (Missing("Accounts", is_late=False), "i-1")):
        it = chart_part(choice, bars, ChartFacts(costs, costs, registered), formats)
        assert isinstance(it, Chart)
        assert [entry.label for entry in it.legend] == [name]
    away = Missing("Billing", is_late=True)
    assert chart_part(choice, bars, ChartFacts(away, costs, [named]), formats) == away


def test_a_balance_is_drawn_from_when_there_was_one(spend: Build, balance: Build, formats: Formats) -> None:
    away = Missing("Billing", is_late=False)

    def shape(*levels: str) -> Sparkline | None:
        days = [(NOW, level) for level in levels]
        return figures_part(FigureFacts(balance(), days, spend(), away, away), NOW, formats).cards[0].shape

    assert shape("0.00", "0.00", "25.00", "24.00") == shape("25.00", "24.00")
    assert shape("0.00", "0.00", "25.00") is None


def test_the_palette_leads_to_pages_ranges_machines_accounts_and_themes() -> None:
    machine = InstanceView("i-1", "gpu & co", "org_acme", "user_mira", "org_acme", NOW)
    found = jumps(ACME, [ACME, OWN], [machine])
    assert {jump.kind for jump in found} == {"Page", "Chart", "Instance", "Account", "Theme"}
    paths = {jump.label: jump.path for jump in found}
    assert paths["Usage"] == "/usage"
    assert paths["Last 7 days, by instance"] == "/usage?account=org_acme&range=7d&by=instance"
    assert paths["gpu & co"] == "/usage?account=org_acme&q=i-1#instance-i-1"
    assert paths["Mira"] == "/usage?account=user_mira"
    assert [jump.theme for jump in found if jump.kind == "Theme"] == ["system", "light", "dark"]
