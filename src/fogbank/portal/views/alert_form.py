"""The form of an alert: filled in from an alert, from what was typed, or with what is usual."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import get_args

from fogbank.compute.client import ThresholdConfiguration, ThresholdView
from fogbank.compute.client.thresholds import ChannelName, ResourceTypeName, ThresholdTypeName
from fogbank.portal.refusals import Refusal
from fogbank.portal.rules.limits import BY_NAME, RESOURCES, Resource, number_of, threshold_type
from fogbank.portal.views.shell import AccountChoice

CHANNELS: Sequence[tuple[ChannelName, str]] = (("email", "E-mail"), ("portal", "Portal"), ("api_callback", "Webhooks"))
USUAL_CHANNELS: frozenset[str] = frozenset({"email", "portal"})
FIELDS = frozenset({"threshold_value", "threshold_type", "units", "notification_channels", "instance_id", "name"})
"""What the form has fields for, by the API's names."""


@dataclass(frozen=True, slots=True)
class AlertForm:
    """What stands in the form. `id` names the alert, so that sending the form twice sets it once."""

    id: str
    resource: Resource
    value: str
    units: str
    instance: str = ""
    name: str = ""
    channels: frozenset[str] = USUAL_CHANNELS
    refusal: Refusal = field(default_factory=lambda: Refusal(200))

    def error(self, *fields: str) -> str:
        """What is wrong with one of these fields."""
        return next((self.refusal.fields[name] for name in fields if name in self.refusal.fields), "")

    def refused(self, refusal: Refusal) -> "AlertForm":
        return replace(self, refusal=refusal)


def new_form(id_: str, resource_name: str, offered: Sequence[Resource]) -> AlertForm:
    """An empty form for that resource, or for the first one that is offered."""
    resource = next((each for each in offered if each.name == resource_name), offered[0])
    return AlertForm(id_, resource, resource.usual, resource.units[0].name)


def form_of(threshold: ThresholdView) -> AlertForm:
    """The form of an alert that is set."""
    return AlertForm(
        id=threshold.id,
        resource=BY_NAME.get(threshold.resource_type, RESOURCES[0]),
        value=_plain(threshold.threshold_value),
        units=threshold.units,
        instance=threshold.instance_id or "",
        name=threshold.name,
        channels=frozenset(threshold.notification_channels),
    )


def read_form(form: Mapping[str, str], resource: Resource, id_: str) -> AlertForm:
    """What was typed."""
    return AlertForm(
        id=id_,
        resource=resource,
        value=form.get("value", "").strip(),
        units=form.get("units", ""),
        instance=form.get("instance", "").strip(),
        name=form.get("name", "").strip(),
        channels=frozenset(name for name, _ in CHANNELS if f"channel.{name}" in form),
    )


def wanted(form: AlertForm, account: AccountChoice, instance_id: str) -> ThresholdConfiguration | None:
    """What the form asks for, of an instance or else of the account; None where its value is no number."""
    value = number_of(form.value)
    if value is None:
        return None
    is_account = not instance_id
    return ThresholdConfiguration(
        resource_type=_resource_name(form.resource),
        threshold_type=_type_name(form.units),
        threshold_value=value,
        units=form.units,
        action="notify",
        user_id=account.id if is_account and not account.is_organization else None,
        org_id=account.id if is_account and account.is_organization else None,
        instance_id=instance_id or None,
        notification_channels=[name for name, _ in CHANNELS if name in form.channels],
        name=form.name,
        id=form.id,
    )


def changed(form: AlertForm, threshold: ThresholdView) -> ThresholdConfiguration | None:
    """The alert with what the form changes of it; what the form does not show stays."""
    value = number_of(form.value)
    if value is None:
        return None
    return ThresholdConfiguration(
        resource_type=threshold.resource_type,
        threshold_type=_type_name(form.units),
        threshold_value=value,
        units=form.units,
        action=threshold.action,
        user_id=threshold.user_id,
        org_id=threshold.org_id,
        instance_id=threshold.instance_id,
        notification_channels=[name for name, _ in CHANNELS if name in form.channels],
        name=form.name,
        hysteresis_percent=threshold.hysteresis_percent,
        cooling_seconds=threshold.cooling_seconds,
    )


def _resource_name(resource: Resource) -> ResourceTypeName:
    return next(name for name in get_args(ResourceTypeName) if name == resource.name)


def _type_name(units: str) -> ThresholdTypeName:
    return next(name for name in get_args(ThresholdTypeName) if name == threshold_type(units))


def _plain(value: float) -> str:
    """A number as a number field takes it."""
    return f"{value:.6f}".rstrip("0").rstrip(".")
