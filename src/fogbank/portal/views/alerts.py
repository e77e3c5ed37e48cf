"""Alerts as people read them: what is firing, and which are set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from urllib.parse import quote, urlencode

from fogbank.compute.client import FiringView, ThresholdView
from fogbank.kernel.money import MICROS_PER_CREDIT
from fogbank.portal.formats import Formats
from fogbank.portal.rules.limits import BY_NAME, PERCENT, Resource, Rights, Unit
from fogbank.portal.views.ages import age, moment

CHANNEL_LABELS = {"email": "E-mail", "portal": "Portal", "api_callback": "Webhooks"}
ACTION_LABELS = {
    "log": "Written to the log",
    "notify": "",
    "throttle": "Throttles the instance",
    "suspend": "Suspends the instance",
}
MONEY_FORMS = {
    "credits": "{}",
    "credits/month": "{} this month",
    "credits/day": "{} a day",
    "credits/hour": "{} an hour",
}
VERBS = {
    (True, False): "falls to",
    (True, True): "fell to",
    (False, False): "reaches",
    (False, True): "reached",
}
"""By whether little or much of it is the danger, and whether it has come."""

UNKNOWN = Resource("", "", "bell", "", (), "")


@dataclass(frozen=True, slots=True)
class FiringRow:
    """Something that is beyond its limit. `path` leads to its alert, and is empty where that is not this account's."""

    headline: str
    whom: str
    value: str
    since: str
    at: datetime
    moment: str
    path: str
    detail: str


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert that is set. `edit` and `delete` are empty for those who may not."""

    id: str
    icon: str
    headline: str
    whom: str
    detail: str
    channels: Sequence[str]
    is_firing: bool
    edit: str
    delete: str


def firing_rows(
    firing: Sequence[FiringView], known: frozenset[str], names: Mapping[str, str], now: datetime, formats: Formats
) -> list[FiringRow]:
    """What is firing now, the longest first. `names` are those of instances, `known` the alerts that can be opened."""
    return [_firing_row(each, known, names, now, formats) for each in sorted(firing, key=lambda each: each.since)]


def _firing_row(
    firing: FiringView, known: frozenset[str], names: Mapping[str, str], now: datetime, formats: Formats
) -> FiringRow:
    resource = BY_NAME.get(firing.resource_type, UNKNOWN)
    limit = limit_text(firing, formats, is_past=True)
    details = [limit if firing.name else "", ACTION_LABELS.get(firing.action, firing.action)]
    return FiringRow(
        headline=firing.name or limit,
        whom=_instance(firing.instance_id, names) or "The whole account",
        detail=_joined(details),
        value=amount_text(resource, firing.value, firing.units, formats),
        since=age(firing.since, now, formats),
        at=firing.since,
        moment=moment(firing.since, formats),
        path=f"#alert-{firing.threshold_id}" if firing.threshold_id in known else "",
    )


def alert_rows(
    thresholds: Sequence[ThresholdView],
    firing: frozenset[str],
    names: Mapping[str, str],
    rights: Rights,
    *,
    is_administrator: bool,
    formats: Formats,
) -> list[AlertRow]:
    """The alerts of an account, money first, as somebody with these rights sees them."""
    order = list(BY_NAME)
    known = sorted(thresholds, key=lambda each: (_place(order, each.resource_type), each.threshold_value, each.id))
    return [
        _alert_row(each, firing, names, may_change(each, rights, is_administrator=is_administrator), formats)
        for each in known
    ]


def may_change(threshold: ThresholdView, rights: Rights, *, is_administrator: bool) -> bool:
    """Whether to offer changing it; the API decides."""
    if is_administrator:
        return True
    if threshold.is_administrators or threshold.action in ("throttle", "suspend"):
        return False
    return rights.instances if threshold.instance_id else rights.account


def _alert_row(
    threshold: ThresholdView, firing: frozenset[str], names: Mapping[str, str], is_open: bool, formats: Formats
) -> AlertRow:
    resource = BY_NAME.get(threshold.resource_type, UNKNOWN)
    limit = limit_text(threshold, formats)
    details = [limit if threshold.name else "", ACTION_LABELS.get(threshold.action, threshold.action)]
    details.append("Set by an administrator" if threshold.is_administrators else "")
    return AlertRow(
        id=threshold.id,
        icon=resource.icon,
        headline=threshold.name or limit,
        whom=whom_text(threshold, names),
        detail=_joined(details),
        channels=[CHANNEL_LABELS.get(each, each) for each in threshold.notification_channels],
        is_firing=threshold.id in firing,
        edit=alert_path(threshold.account_id, threshold.id) if is_open else "",
        delete=alert_path(threshold.account_id, threshold.id, "/delete") if is_open else "",
    )


def whom_text(threshold: ThresholdView, names: Mapping[str, str]) -> str:
    """What it watches."""
    if threshold.instance_id:
        return _instance(threshold.instance_id, names)
    return "Each instance" if threshold.threshold_type == "percentage" else "The whole account"


def limit_text(limit: ThresholdView | FiringView, formats: Formats, *, is_past: bool = False) -> str:
    """The limit as a sentence: `Runway falls to 7 days`, or `fell to`, `Spending reaches €500 this month`."""
    resource = BY_NAME.get(limit.resource_type, UNKNOWN)
    verb = VERBS[resource.is_low, is_past]
    amount = amount_text(resource, str(limit.threshold_value), limit.units, formats)
    return f"{resource.label or limit.resource_type} {verb} {amount}"


def amount_text(resource: Resource, value: str, units: str, formats: Formats) -> str:
    """An amount in its units; money with its currency. Empty for what is not known."""
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return value
    if units in MONEY_FORMS:
        micros = int(amount * MICROS_PER_CREDIT)
        return MONEY_FORMS[units].format(formats.money(micros, None if micros % MICROS_PER_CREDIT else 0))
    number = formats.decimal(amount)
    if units == PERCENT:
        return f"{number}%"
    label = resource.unit(units).label
    return f"{number} {label.removesuffix('s') if amount == 1 and units in ('days', 'hours', 'devices') else label}"


def alert_path(account_id: str, threshold_id: str, rest: str = "") -> str:
    """The page of one alert."""
    return f"/alerts/{quote(threshold_id)}{rest}?{urlencode({'account': account_id})}"


def unit_label(unit: Unit, currency: str) -> str:
    """A unit as the form names it: credits are of a currency."""
    return unit.label.replace("credits", currency)


def _instance(instance_id: str, names: Mapping[str, str]) -> str:
    return names.get(instance_id, instance_id)


def _joined(details: Sequence[str]) -> str:
    return " · ".join(detail for detail in details if detail)


def _place(order: Sequence[str], name: str) -> int:
    return order.index(name) if name in order else len(order)
