"""Alerts in words, and their form."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from fogbank.compute.client import FiringView, ThresholdView
from fogbank.portal.formats import Formats
from fogbank.portal.refusals import refusal_of
from fogbank.portal.rules.limits import BY_NAME, Rights
from fogbank.portal.views.alert_form import FIELDS, changed, form_of, new_form, read_form, wanted
from fogbank.portal.views.alerts import alert_rows, firing_rows, limit_text, may_change
from fogbank.portal.views.shell import AccountChoice
from fogbank.runtime.problems import Problem

ACME = AccountChoice("org_acme", "Acme Robotics", "owner", is_organization=True)
OWN = AccountChoice("user_mira", "Mira", "owner", is_organization=False)
ALL = Rights(account=True, instances=True)
MEMBER = Rights(account=False, instances=True)
Make = Callable[..., ThresholdView]


@pytest.fixture
def threshold(now: datetime) -> Make:
    usual: dict[str, Any] = {
        "id": "t",
        "resource_type": "runway",
        "threshold_type": "absolute",
        "threshold_value": 7,
        "units": "days",
        "action": "notify",
        "user_id": None,
        "org_id": "org_acme",
        "instance_id": None,
        "notification_channels": ["email"],
        "name": "",
        "hysteresis_percent": 5,
        "cooling_seconds": 900,
        "account_id": "org_acme",
        "is_administrators": False,
        "revision": 1,
        "created_by": "user_mira",
        "created_at": now,
        "changed_at": now,
    }
    return lambda **changes: ThresholdView(**usual | changes)


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({}, "Runway falls to 7 days"),
        ({"threshold_value": 1}, "Runway falls to 1 day"),
        ({"resource_type": "balance", "threshold_value": -20.5, "units": "credits"}, "Balance falls to -€20.50"),
        (
            {"resource_type": "spend", "threshold_value": 45, "units": "credits/month"},
            "Spending reaches €45 this month",
        ),
        ({"resource_type": "cpu", "threshold_value": 92.5, "units": "%"}, "CPU reaches 92.5%"),
        ({"resource_type": "cpu", "threshold_value": 1000, "units": "cores"}, "CPU reaches 1,000 busy cores"),
        (
            {"resource_type": "network_egress", "threshold_value": 1e-06, "units": "MB/s"},
            "Egress reaches 0.000001 MB/s",
        ),
        ({"resource_type": "plutonium", "threshold_value": 2, "units": "kg"}, "plutonium reaches 2 kg"),
    ],
)
def test_a_limit_is_a_sentence(facts: dict[str, Any], text: str, threshold: Make, formats: Formats) -> None:
    assert limit_text(threshold(**facts), formats) == text


def test_alerts_are_listed_money_first_with_whom_they_watch(threshold: Make, formats: Formats) -> None:
    disk = {"resource_type": "storage", "units": "GB", "instance_id": "i-1", "org_id": None}
    each = {"resource_type": "cpu", "threshold_type": "percentage", "units": "%"}
    known = [threshold(id="c", **disk), threshold(id="b", **each), threshold(id="a", name="Runs out")]
    rows = alert_rows(known, frozenset({"c"}), {"i-1": "vol"}, ALL, is_administrator=False, formats=formats)
    assert [row.id for row in rows] == ["a", "b", "c"]
    assert [row.whom for row in rows] == ["The whole account", "Each instance", "vol"]
    assert [row.is_firing for row in rows] == [False, False, True]
    assert (rows[0].headline, rows[0].detail) == ("Runs out", "Runway falls to 7 days")
    assert rows[0].edit == "/alerts/a?account=org_acme"


def test_only_what_one_may_change_is_offered(threshold: Make) -> None:
    of_account, of_instance = threshold(), threshold(instance_id="i-1", org_id=None)
    assert may_change(of_account, ALL, is_administrator=False)
    assert not may_change(of_account, MEMBER, is_administrator=False)
    assert may_change(of_instance, MEMBER, is_administrator=False)
    for theirs in (threshold(is_administrators=True), threshold(action="suspend")):
        assert not may_change(theirs, ALL, is_administrator=False)
        assert may_change(theirs, ALL, is_administrator=True)


def test_what_fires_is_told_the_longest_first(threshold: Make, formats: Formats, now: datetime) -> None:
    def firing(threshold_id: str, since: datetime, value: str) -> FiringView:
        it = threshold(id=threshold_id)
        told = (it.resource_type, it.threshold_type, it.threshold_value, it.units, it.action)
        return FiringView(threshold_id, "", *told, value, since, "org_acme", "", "", "", "")

    found = [firing("new", now, "6.9"), firing("old", now - timedelta(days=2), "")]
    rows = firing_rows(found, frozenset({"old"}), {}, now, formats)
    assert [(row.headline, row.value, row.since) for row in rows] == [
        ("Runway fell to 7 days", "", "21 Nov"),
        ("Runway fell to 7 days", "6.9 days", "just now"),
    ]
    assert [row.path for row in rows] == ["#alert-old", ""]


def test_a_form_asks_for_what_was_typed() -> None:
    typed = {"value": " 1.5 ", "units": "TB", "instance": "vol", "name": " Disk ", "channel.portal": "on"}
    form = read_form(typed, BY_NAME["storage"], "threshold_1")
    asked = wanted(form, ACME, "i-vol")
    assert asked is not None
    assert (asked.threshold_value, asked.units, asked.name, asked.id) == (1.5, "TB", "Disk", "threshold_1")
    assert (asked.user_id, asked.org_id, asked.instance_id) == (None, None, "i-vol")
    assert (asked.action, asked.notification_channels) == ("notify", ["portal"])
    of_org, of_user = wanted(form, ACME, ""), wanted(form, OWN, "")
    assert of_org is not None
    assert of_user is not None
    assert (of_org.org_id, of_user.user_id) == ("org_acme", "user_mira")
    assert wanted(replace(form, value="much"), ACME, "") is None


def test_what_a_form_does_not_show_of_an_alert_stays(threshold: Make) -> None:
    stored = threshold(hysteresis_percent=20, cooling_seconds=60, action="log", threshold_value=0.25)
    form = form_of(stored)
    assert (form.value, form.units, form.channels) == ("0.25", "days", frozenset({"email"}))
    asked = changed(replace(form, value="3", name="New"), stored)
    assert asked is not None
    assert (asked.hysteresis_percent, asked.cooling_seconds, asked.action) == (20, 60, "log")
    assert (asked.threshold_value, asked.name, asked.org_id) == (3, "New", "org_acme")


def test_a_new_form_begins_with_what_is_usual() -> None:
    money, disk = BY_NAME["runway"], BY_NAME["storage"]
    assert new_form("t", "storage", [money, disk]).resource is disk
    form = new_form("t", "nothing of the sort", [money, disk])
    assert (form.resource, form.value, form.units) == (money, "7", "days")


def test_a_refusal_is_said_where_it_belongs() -> None:
    fault = {"field": "body.threshold_value", "reason": "must be more than 0"}
    refusal = refusal_of(Problem(422, "x", "No.", extra={"errors": [fault]}), "Compute", FIELDS)
    assert (refusal.fields, refusal.whole) == ({"threshold_value": "Must be more than 0."}, "")
    other = {"field": "body.cooling_seconds", "reason": "is odd"}
    refusal = refusal_of(Problem(422, "x", "The whole.", extra={"errors": [fault, other]}), "Compute", FIELDS)
    assert refusal.whole == "The whole."
    assert refusal_of(Problem(409, "x", "Too many."), "Compute", FIELDS).whole == "Too many."
    assert refusal_of(Problem(503, "x", "http://internal"), "Compute", FIELDS).whole.startswith("Compute does not")
