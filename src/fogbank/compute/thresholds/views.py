"""Thresholds as the wire shows them. Pure."""

from fogbank.compute.client.thresholds import FiringView, ThresholdView
from fogbank.compute.thresholds.model import Firing, Threshold
from fogbank.compute.thresholds.rules.units import number_of_micros
from fogbank.compute.thresholds.told import named


def threshold_view(threshold: Threshold) -> ThresholdView:
    """The threshold with the published configuration's own words."""
    terms = threshold.terms
    user_id, org_id, instance_id = named(terms.subject)
    return ThresholdView(
        id=threshold.id,
        resource_type=terms.resource_type.value,
        threshold_type=terms.threshold_type.value,
        threshold_value=number_of_micros(terms.value_micros),
        units=terms.units,
        action=terms.action.value,
        user_id=user_id,
        org_id=org_id,
        instance_id=instance_id,
        notification_channels=[channel.value for channel in terms.channels],
        name=terms.name,
        hysteresis_percent=terms.hysteresis_percent,
        cooling_seconds=terms.cooling_seconds,
        account_id=threshold.account_id,
        is_administrators=threshold.is_administrators,
        revision=threshold.revision,
        created_by=threshold.created_by,
        created_at=threshold.created_at,
        changed_at=threshold.changed_at,
    )


def firing_view(threshold: Threshold, firing: Firing) -> FiringView:
    """What is firing, and for whom."""
    view, concerned = threshold_view(threshold), firing.concerned
    return FiringView(
        threshold_id=view.id,
        name=view.name,
        resource_type=view.resource_type,
        threshold_type=view.threshold_type,
        threshold_value=view.threshold_value,
        units=view.units,
        action=view.action,
        value=firing.value,
        since=firing.since,
        account_id=concerned.account_id,
        user_id=concerned.user_id,
        org_id=concerned.org_id,
        instance_id=concerned.instance_id,
        node_id=concerned.node_id,
    )
