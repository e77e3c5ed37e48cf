"""Alerts: what can be limited, in which units, by whom. The words of the thresholds' API, and those of people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from fogbank.accounts.client import Permission, allows
from fogbank.portal.model import WARN_DAYS

VALUE_DIGITS_MAX = 30


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of the API, and what people call it."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Resource:
    """Something that can be limited. `is_low` where the danger is that little is left of it."""

    name: str
    label: str
    icon: str
    about: str
    units: Sequence[Unit]
    usual: str
    is_money: bool = False
    is_low: bool = False

    def unit(self, name: str) -> Unit:
        """The unit of that name; one that we do not know is called what it is named."""
        return next((unit for unit in self.units if unit.name == name), Unit(name, name))


SIZES = (Unit("GB", "GB"), Unit("MB", "MB"), Unit("TB", "TB"))
RATES = (Unit("Mbit/s", "Mbit/s"), Unit("MB/s", "MB/s"), Unit("MB", "MB in a reading"), Unit("GB", "GB in a reading"))
RESOURCES: Sequence[Resource] = (
    Resource(
        "runway",
        "Runway",
        "calendar",
        "How long the balance lasts at the present rate",
        (Unit("days", "days"), Unit("hours", "hours")),
        str(WARN_DAYS),
        is_money=True,
        is_low=True,
    ),
    Resource(
        "balance",
        "Balance",
        "wallet",
        "What is left to spend",
        (Unit("credits", "credits"),),
        "",
        is_money=True,
        is_low=True,
    ),
    Resource(
        "spend",
        "Spending",
        "usage",
        "What everything costs together",
        (
            Unit("credits/month", "credits this month"),
            Unit("credits/day", "credits a day"),
            Unit("credits/hour", "credits an hour"),
        ),
        "",
        is_money=True,
    ),
    Resource(
        "cpu",
        "CPU",
        "chip",
        "How busy the processors are",
        (Unit("%", "% of its cores"), Unit("cores", "busy cores"), Unit("cpu_seconds", "CPU seconds in a reading")),
        "90",
    ),
    Resource(
        "memory",
        "Memory",
        "server",
        "The memory in use",
        (Unit("%", "% of its memory"), *SIZES),
        "90",
    ),
    Resource("storage", "Storage", "disk", "The storage that is allocated", SIZES, ""),
    Resource("network_egress", "Egress", "rise", "What goes out over the network", RATES, ""),
    Resource("network_ingress", "Ingress", "fall", "What comes in over the network", RATES, ""),
    Resource(
        "gpu",
        "GPU",
        "chip",
        "The GPUs that are allocated",
        (Unit("devices", "devices"), Unit("gpu_seconds", "GPU seconds in a reading")),
        "",
    ),
)
"""In the order in which people look for them."""

BY_NAME: Mapping[str, Resource] = {resource.name: resource for resource in RESOURCES}
PERCENT = "%"


@dataclass(frozen=True, slots=True)
class Rights:
    """What somebody may set alerts on."""

    account: bool
    instances: bool

    @property
    def any(self) -> bool:
        return self.account or self.instances


def rights_of(role: str, *, is_organization: bool, is_administrator: bool) -> Rights:
    """What they may do in an account where they have that role. The API decides; we do not offer in vain."""
    if is_administrator or not is_organization:
        return Rights(account=True, instances=True)
    return Rights(
        account=allows(role, Permission.SET_THRESHOLDS), instances=allows(role, Permission.SET_INSTANCE_THRESHOLDS)
    )


def offered(rights: Rights) -> Sequence[Resource]:
    """What one may be warned of: instances have no money of their own."""
    return [resource for resource in RESOURCES if rights.account or not resource.is_money]


def threshold_type(units: str) -> str:
    """Whether a limit in these units is an amount, or a part of what there is."""
    return "percentage" if units == PERCENT else "absolute"


def number_of(text: str) -> int | float | None:
    """A number as a form sends it; None for what is none."""
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    if not number.is_finite() or len(text) > VALUE_DIGITS_MAX or number.adjusted() > VALUE_DIGITS_MAX:
        return None
    # The wire is JSON: whole where it is whole, and else a number that keeps the six decimals that are allowed.
    is_whole = number == number.to_integral_value() and abs(number) < 2**53
    return int(number) if is_whole else float(number)
