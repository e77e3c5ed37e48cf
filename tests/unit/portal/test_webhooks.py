"""Webhooks as people read them; what is offered is what the API takes."""

from datetime import datetime
from typing import Any, get_args

import pytest

from fogbank.notifications.client import AttemptView, DeliveriesView, DeliveryView, WebhookView
from fogbank.notifications.webhooks.api.values import Subscribable
from fogbank.notifications.webhooks.model import DeliveryState, DisabledBecause
from fogbank.portal.formats import Formats
from fogbank.portal.refusals import Refusal
from fogbank.portal.rules.hooks import EVENTS, manages
from fogbank.portal.views.webhooks import DISABLED, TONES, HookForm, hook_of, log_of, read_hook_form


def test_every_event_of_the_api_is_offered_and_no_other() -> None:
    assert set(EVENTS) == set(get_args(Subscribable))
    assert set(DISABLED) == {each.value for each in DisabledBecause}
    assert set(TONES) < {each.value for each in DeliveryState}


def test_owners_and_admins_manage_them() -> None:
    assert manages("owner", is_organization=True, is_administrator=False)
    assert not manages("billing", is_organization=True, is_administrator=False)
    assert manages("billing", is_organization=True, is_administrator=True)
    assert manages("owner", is_organization=False, is_administrator=False)


def webhook(now: datetime, **changes: Any) -> WebhookView:
    usual: dict[str, Any] = dict.fromkeys(WebhookView.__dataclass_fields__)
    usual |= {"id": "w", "url": "https://a.example", "event_types": ["metrics", "balance_low"], "account_id": "org"}
    usual |= {"description": "", "is_enabled": True, "created_at": now}
    return WebhookView(**usual | changes)


@pytest.mark.parametrize(
    ("facts", "state", "detail"),
    [
        ({}, "new", "Nothing was sent yet."),
        ({"is_enabled": False, "disabled_because": "asked"}, "disabled", "It was disabled on request."),
        ({"is_enabled": False}, "disabled", "It is disabled."),
    ],
)
def test_how_a_webhook_fares_is_said(
    facts: dict[str, Any], state: str, detail: str, now: datetime, formats: Formats
) -> None:
    hook = hook_of(webhook(now, **facts), formats)
    assert (hook.state, hook.detail) == (state, detail)
    assert hook.events == ["The balance runs low", "Current usage, every half minute"]
    assert hook.path == "/webhooks/w"


def test_since_when_it_fails_and_when_it_worked_is_said(now: datetime, formats: Formats) -> None:
    assert hook_of(webhook(now, last_success_at=now), formats).detail == "The newest arrived on 23 Nov, 09:12."
    failing = hook_of(webhook(now, last_success_at=now, failing_since=now), formats)
    assert (failing.state, failing.detail) == ("failing", "Nothing has arrived since 23 Nov, 09:12.")


def test_the_log_begins_with_the_newest_attempt(now: datetime, formats: Formats) -> None:
    attempts = [
        AttemptView(1, now, 1_500, None, "The connection was refused.", ""),
        AttemptView(2, now, 34, 200, "", "ok"),
        AttemptView(3, now, None, None, "", ""),
    ]
    found = [
        DeliveryView("m", "balance_low", "pending", now, now, None, attempts, "{}"),
        DeliveryView("n", "metrics", "pending", now, now, None, [], None),
    ]
    log = log_of(DeliveriesView(found, None), is_enabled=True, formats=formats)
    first, second = log.deliveries
    assert [each.result for each in first.attempts] == [
        "Under way, or interrupted",
        "200 · 34 ms",
        "The connection was refused · 1,500 ms",
    ]
    assert (first.is_replayable, second.is_replayable) == (True, False)
    assert (second.result, second.payload, log.older) == ("Next attempt on 23 Nov, 09:12", "", "")
    stopped = log_of(DeliveriesView(found, "7"), is_enabled=False, formats=formats)
    assert not stopped.deliveries[0].is_replayable
    assert stopped.older == "7"


def test_a_form_says_what_was_ticked_and_what_is_wrong() -> None:
    form = read_hook_form({"key": "k", "url": " https://a.example ", "event.metrics": "on", "event.nonsense": "on"})
    assert form == HookForm("k", "https://a.example", "", frozenset({"metrics"}))
    assert form.refused(Refusal(422, fields={"event_types.0": "Is odd."})).error("event_types") == "Is odd."
    assert form.error("url") == ""
