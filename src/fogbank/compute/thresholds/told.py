"""Thresholds as nodes are told of them, and whom they name. Pure, and light: the agent has it in memory too."""

from decimal import Decimal

from fogbank.compute.thresholds.errors import NotAllowed
from fogbank.compute.thresholds.model import (
    EVERY_ACCOUNT,
    EVERYBODY,
    Action,
    ResourceType,
    Subject,
    SubjectKind,
    Terms,
    Threshold,
    ThresholdType,
)
from fogbank.compute.thresholds.rules.units import (
    micros_of_number,
    number_of_micros,
    require_checkable,
)
from fogbank.events.node_configuration import ConfiguredThreshold

CARRIED = frozenset({Action.THROTTLE, Action.SUSPEND})
"""What a node acts upon; the others are the service's."""


def terms_of(configured: ConfiguredThreshold) -> Terms:
    """What a node was told; `NotAllowed` or `ValueError` where this agent is too old to know what it means."""
    terms = Terms(
        subject=subject_of(configured.user_id, configured.org_id, configured.instance_id),
        resource_type=ResourceType(configured.resource_type),
        threshold_type=ThresholdType(configured.threshold_type),
        value_micros=micros_of_number("threshold_value", Decimal(str(configured.threshold_value))),
        units=configured.units,
        action=Action(configured.action),
        hysteresis_percent=configured.hysteresis_percent,
        cooling_seconds=configured.cooling_seconds,
    )
    require_checkable(terms)
    return terms


def configured_threshold(threshold: Threshold) -> ConfiguredThreshold:
    """The threshold as a node is told of it."""
    terms = threshold.terms
    user_id, org_id, instance_id = named(terms.subject)
    return ConfiguredThreshold(
        threshold_id=threshold.id,
        resource_type=terms.resource_type,
        threshold_type=terms.threshold_type,
        threshold_value=number_of_micros(terms.value_micros),
        units=terms.units,
        action=terms.action,
        user_id=user_id,
        org_id=org_id,
        instance_id=instance_id,
        hysteresis_percent=terms.hysteresis_percent,
        cooling_seconds=terms.cooling_seconds,
    )


def subject_of(user_id: str | None, org_id: str | None, instance_id: str | None) -> Subject:
    """The one thing that is named; `NotAllowed` where there are several, or none."""
    named = {"user_id": user_id, "org_id": org_id, "instance_id": instance_id}
    said = [field for field, value in named.items() if value is not None]
    if len(said) != 1:
        found = "is missing" if not said else f"cannot stand beside {said[0]}"
        field = said[-1] if said else "user_id"
        raise NotAllowed(field, f"{found}; name exactly one of user_id, org_id and instance_id")
    if user_id == EVERYBODY:
        return EVERY_ACCOUNT
    if user_id is not None:
        return Subject(SubjectKind.USER, user_id)
    if org_id is not None:
        return Subject(SubjectKind.ORGANIZATION, org_id)
    return Subject(SubjectKind.INSTANCE, str(instance_id))


def named(subject: Subject) -> tuple[str | None, str | None, str | None]:
    """The subject as `user_id`, `org_id` and `instance_id`, of which one is there."""
    is_user = subject.kind in (SubjectKind.USER, SubjectKind.EVERYBODY)
    return (
        subject.id if is_user else None,
        subject.id if subject.kind is SubjectKind.ORGANIZATION else None,
        subject.id if subject.kind is SubjectKind.INSTANCE else None,
    )
