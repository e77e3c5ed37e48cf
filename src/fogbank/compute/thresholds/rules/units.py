"""Units: which go with which resource, and a limit in one of them as an exact integer of what is measured.

A measure has a base unit that every one of its units is an exact multiple or part of, so a limit is converted once,
exactly, and what is measured is compared as it comes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from fogbank.compute.thresholds.errors import NotAllowed
from fogbank.compute.thresholds.model import Action, Channel, ResourceType, Subject, SubjectKind, Terms, ThresholdType
from fogbank.kernel.quantities import MICROS_PER_UNIT, decimal_text

VALUE_MAX = 1_000_000_000
"""With six decimals, a number up to here goes through JSON and back without losing a digit."""


class Measure(StrEnum):
    """What is compared; the name says the base unit."""

    CPU_CORES = "cpu_cores"
    CPU_SECONDS = "cpu_seconds"
    CPU_PERCENT = "cpu_percent"
    MEMORY_GB = "memory_gb"
    MEMORY_PERCENT = "memory_percent"
    STORAGE_GB = "storage_gb"
    EGRESS_MB = "egress_mb"
    EGRESS_MB_PER_SECOND = "egress_mb_per_second"
    INGRESS_MB = "ingress_mb"
    INGRESS_MB_PER_SECOND = "ingress_mb_per_second"
    GPU_DEVICES = "gpu_devices"
    GPU_SECONDS = "gpu_seconds"
    SPEND_PER_DAY = "spend_per_day"
    SPEND_OF_MONTH = "spend_of_month"
    BALANCE = "balance"
    RUNWAY_SECONDS = "runway_seconds"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: what it measures, and how many base units it is."""

    measure: Measure
    base_units: Fraction = Fraction(1)


Units = Mapping[str, Unit]


def _bytes(measure: Measure) -> Units:
    return {"MB": Unit(measure, Fraction(1, 1000)), "GB": Unit(measure), "TB": Unit(measure, Fraction(1000))}


def _network(volume: Measure, rate: Measure) -> Units:
    return {
        "MB": Unit(volume),
        "GB": Unit(volume, Fraction(1000)),
        "MB/s": Unit(rate),
        "Mbit/s": Unit(rate, Fraction(1, 8)),
    }


ABSOLUTE: Mapping[ResourceType, Units] = {
    ResourceType.CPU: {"cores": Unit(Measure.CPU_CORES), "cpu_seconds": Unit(Measure.CPU_SECONDS)},
    ResourceType.MEMORY: _bytes(Measure.MEMORY_GB),
    ResourceType.STORAGE: _bytes(Measure.STORAGE_GB),
    ResourceType.NETWORK_EGRESS: _network(Measure.EGRESS_MB, Measure.EGRESS_MB_PER_SECOND),
    ResourceType.NETWORK_INGRESS: _network(Measure.INGRESS_MB, Measure.INGRESS_MB_PER_SECOND),
    ResourceType.GPU: {"devices": Unit(Measure.GPU_DEVICES), "gpu_seconds": Unit(Measure.GPU_SECONDS)},
    ResourceType.SPEND: {
        "credits/hour": Unit(Measure.SPEND_PER_DAY, Fraction(24)),
        "credits/day": Unit(Measure.SPEND_PER_DAY),
        "credits/month": Unit(Measure.SPEND_OF_MONTH),
    },
    ResourceType.BALANCE: {"credits": Unit(Measure.BALANCE)},
    ResourceType.RUNWAY: {
        "hours": Unit(Measure.RUNWAY_SECONDS, Fraction(3600)),
        "days": Unit(Measure.RUNWAY_SECONDS, Fraction(86_400)),
    },
}

PERCENTAGE: Mapping[ResourceType, Units] = {
    ResourceType.CPU: {"%": Unit(Measure.CPU_PERCENT)},
    ResourceType.MEMORY: {"%": Unit(Measure.MEMORY_PERCENT)},
}
"""Only of what a reading says the whole of: the instance's cores and its memory."""

MONEY = frozenset({ResourceType.SPEND, ResourceType.BALANCE, ResourceType.RUNWAY})
BELOW = frozenset({ResourceType.BALANCE, ResourceType.RUNWAY})
"""These are crossed downwards; all others upwards."""


def unit_of(terms: Terms) -> Unit:
    """The unit of a threshold's limit; `NotAllowed` where the resource cannot be checked so, and says how it can."""
    resource = terms.resource_type
    known = ABSOLUTE if terms.threshold_type is ThresholdType.ABSOLUTE else PERCENTAGE
    if resource not in known:
        choices = ", ".join(ABSOLUTE[resource])
        reason = f"cannot be a percentage for {resource}, whose whole is not known; use absolute, {choices}"
        raise NotAllowed("threshold_type", reason)
    if terms.units not in known[resource]:
        reason = f"'{terms.units[:32]}' do not measure {resource}; use one of {', '.join(known[resource])}"
        raise NotAllowed("units", reason)
    return known[resource][terms.units]


def require_checkable(terms: Terms) -> None:
    """`NotAllowed` where a threshold could never be checked as it stands, or where its numbers make no sense."""
    unit = unit_of(terms)
    if terms.resource_type in MONEY and terms.subject.kind is SubjectKind.INSTANCE:
        reason = f"has no {terms.resource_type} of its own, accounts have; name a user_id or an org_id instead"
        raise NotAllowed("instance_id", reason)
    if terms.value_micros <= 0 and terms.resource_type is not ResourceType.BALANCE:
        raise NotAllowed("threshold_value", "must be more than 0")
    if abs(terms.value_micros) > VALUE_MAX * MICROS_PER_UNIT:
        raise NotAllowed("threshold_value", f"must be at most {VALUE_MAX}")
    if (terms.value_micros * unit.base_units).denominator != 1:
        raise NotAllowed("threshold_value", f"is finer than what is measured; use fewer decimals of {terms.units}")


def require_told(terms: Terms) -> None:
    """`NotAllowed` where somebody is to be told and no way to tell them is named."""
    if terms.action is Action.NOTIFY and not terms.channels:
        raise NotAllowed("notification_channels", f"is empty, and action is notify; name {', '.join(Channel)}")


def base_micros(terms: Terms) -> int:
    """The limit in millionths of its measure's base unit, exactly."""
    return int(terms.value_micros * unit_of(terms).base_units)


def text_in_units(terms: Terms, measured_micros: int) -> str:
    """What was measured, in the threshold's own units, as a decimal rounded half to even at six decimals."""
    return decimal_text(round(measured_micros / unit_of(terms).base_units))


def micros_of_number(field: str, value: Decimal) -> int:
    """A number of the wire in millionths; `NotAllowed` where it has more than six decimals or is beyond all bounds."""
    if not value.is_finite() or abs(value) > VALUE_MAX:
        raise NotAllowed(field, f"must be a number up to {VALUE_MAX}")
    micros = value * MICROS_PER_UNIT
    if micros != micros.to_integral_value():
        raise NotAllowed(field, "must have at most six decimals")
    return int(micros)


def number_of_micros(micros: int) -> int | float:
    """Millionths as a number for the wire: whole where it is whole."""
    whole, rest = divmod(micros, MICROS_PER_UNIT)
    return whole if rest == 0 else micros / MICROS_PER_UNIT


def is_of_each_instance(terms: Terms) -> bool:
    """Whether it is judged on each instance by itself, and not on what an account uses, spends or has in all.

    A part of the whole is: each instance has its own.
    """
    return terms.subject.kind is SubjectKind.INSTANCE or terms.threshold_type is ThresholdType.PERCENTAGE


def is_about(subject: Subject, *, instance_id: str, user_id: str, org_id: str | None) -> bool:
    """Whether an instance is among those that the subject names."""
    match subject.kind:
        case SubjectKind.INSTANCE:
            return subject.id == instance_id
        case SubjectKind.USER:
            return subject.id == user_id
        case SubjectKind.ORGANIZATION:
            return subject.id == org_id
        case SubjectKind.EVERYBODY:
            return True
