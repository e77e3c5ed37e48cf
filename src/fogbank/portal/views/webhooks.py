"""Webhooks and their deliveries as people read them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import quote, urlencode

from fogbank.notifications.client import AttemptView, DeliveriesView, DeliveryView, WebhookView
from fogbank.portal.formats import Formats
from fogbank.portal.refusals import Refusal
from fogbank.portal.rules.hooks import EVENTS, NOT_REPLAYED, USUAL, event_label
from fogbank.portal.views.ages import moment

DISABLED = {
    "asked": "It was disabled on request.",
    "gone": "Its server answered 410 Gone, so it was disabled.",
    "failing": "Every attempt failed for three days, so it was disabled.",
}
TONES = {"delivered": "good", "pending": "warn", "failed": "bad"}
FIELDS = frozenset({"url", "event_types", "description"})


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook. `path` is its page, below which stands what can be done with it; `query` names its account."""

    id: str
    url: str
    description: str
    events: Sequence[str]
    is_enabled: bool
    state: str
    tone: str
    detail: str
    path: str
    query: str


@dataclass(frozen=True, slots=True)
class Attempt:
    moment: str
    result: str
    answer: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery, its newest attempt first."""

    id: str
    event: str
    state: str
    tone: str
    moment: str
    result: str
    attempts: Sequence[Attempt]
    payload: str
    is_replayable: bool


@dataclass(frozen=True, slots=True)
class Log:
    """A page of deliveries; `older` is where the next one begins, empty at the end."""

    deliveries: Sequence[Delivery]
    older: str


@dataclass(frozen=True, slots=True)
class HookForm:
    """What stands in the form; `key` names the act, so that sending the form twice makes one webhook."""

    key: str
    url: str = ""
    description: str = ""
    events: frozenset[str] = USUAL
    refusal: Refusal = field(default_factory=lambda: Refusal(200))

    def error(self, name: str) -> str:
        """What is wrong with a field; of a list, with one of its items."""
        faults = self.refusal.fields
        return next((text for found, text in faults.items() if found.partition(".")[0] == name), "")

    def refused(self, refusal: Refusal) -> "HookForm":
        return replace(self, refusal=refusal)


def read_hook_form(form: Mapping[str, str]) -> HookForm:
    """What was typed."""
    events = frozenset(name for name in EVENTS if f"event.{name}" in form)
    return HookForm(form.get("key", ""), form.get("url", "").strip(), form.get("description", "").strip(), events)


def hook_of(webhook: WebhookView, formats: Formats) -> Hook:
    state, tone, detail = _state(webhook, formats)
    return Hook(
        id=webhook.id,
        url=webhook.url,
        description=webhook.description,
        events=[event_label(name) for name in [*EVENTS] if name in webhook.event_types],
        is_enabled=webhook.is_enabled,
        state=state,
        tone=tone,
        detail=detail,
        path=f"/webhooks/{quote(webhook.id)}",
        query=urlencode({"account": webhook.account_id}),
    )


def _state(webhook: WebhookView, formats: Formats) -> tuple[str, str, str]:
    if not webhook.is_enabled:
        return "disabled", "", DISABLED.get(webhook.disabled_because or "", "It is disabled.")
    if webhook.failing_since is not None:
        return "failing", "bad", f"Nothing has arrived since {moment(webhook.failing_since, formats)}."
    if webhook.last_success_at is None:
        return "new", "", "Nothing was sent yet."
    return "working", "good", f"The newest arrived on {moment(webhook.last_success_at, formats)}."


def log_of(found: DeliveriesView, *, is_enabled: bool, formats: Formats) -> Log:
    deliveries = [_delivery(each, is_enabled=is_enabled, formats=formats) for each in found.deliveries]
    return Log(deliveries, found.next_cursor or "")


def _delivery(delivery: DeliveryView, *, is_enabled: bool, formats: Formats) -> Delivery:
    attempts = [_attempt(each, formats) for each in reversed(delivery.attempts)]
    waiting = f"Next attempt on {moment(delivery.next_attempt_at, formats)}" if delivery.next_attempt_at else ""
    return Delivery(
        id=delivery.id,
        event=event_label(delivery.event_type),
        state=delivery.state,
        tone=TONES.get(delivery.state, ""),
        moment=moment(delivery.created_at, formats),
        result=attempts[0].result if attempts else waiting,
        attempts=attempts,
        payload=delivery.payload or "",
        is_replayable=is_enabled and delivery.event_type not in NOT_REPLAYED,
    )


def _attempt(attempt: AttemptView, formats: Formats) -> Attempt:
    if attempt.duration_ms is None:
        return Attempt(moment(attempt.started_at, formats), "Under way, or interrupted", "")
    took = f"{formats.number(attempt.duration_ms)} ms"
    parts = [str(attempt.status) if attempt.status else "", attempt.detail.rstrip("."), took]
    return Attempt(moment(attempt.started_at, formats), " · ".join(part for part in parts if part), attempt.answer)
