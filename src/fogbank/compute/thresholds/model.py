"""What a threshold is, and where it stands. The values of the enumerations are the words of the published contract."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

EVERYBODY = "*"
"""In place of an account: every one of them, each by itself."""

HYSTERESIS_PERCENT = 5
COOLING_SECONDS = 900


class ResourceType(StrEnum):
    """What is limited."""

    CPU = "cpu"
    MEMORY = "memory"
    STORAGE = "storage"
    NETWORK_EGRESS = "network_egress"
    NETWORK_INGRESS = "network_ingress"
    GPU = "gpu"
    SPEND = "spend"
    BALANCE = "balance"
    RUNWAY = "runway"


class ThresholdType(StrEnum):
    """Whether the limit is an amount, or a part of what there is."""

    ABSOLUTE = "absolute"
    PERCENTAGE = "percentage"


class Action(StrEnum):
    """What a crossing leads to. The last two are carried to the instance's node, whose operator says what they do."""

    LOG = "log"
    NOTIFY = "notify"
    THROTTLE = "throttle"
    SUSPEND = "suspend"


class Channel(StrEnum):
    """How people are told."""

    EMAIL = "email"
    API_CALLBACK = "api_callback"
    PORTAL = "portal"


class SubjectKind(StrEnum):
    """What sort of thing a threshold is about."""

    INSTANCE = "instance"
    USER = "user"
    ORGANIZATION = "organization"
    EVERYBODY = "everybody"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a threshold is about: an instance, an account, or `*` for every account."""

    kind: SubjectKind
    id: str


EVERY_ACCOUNT = Subject(SubjectKind.EVERYBODY, EVERYBODY)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a threshold says: a limit in millionths of `units`, how it is crossed and come back from, and what then.

    Somebody who crossed has come back when `hysteresis_percent` of the limit lie between; and whatever has fired or
    cleared does not fire again for `cooling_seconds`.
    """

    subject: Subject
    resource_type: ResourceType
    threshold_type: ThresholdType
    value_micros: int
    units: str
    action: Action
    channels: tuple[Channel, ...] = ()
    name: str = ""
    hysteresis_percent: int = HYSTERESIS_PERCENT
    cooling_seconds: int = COOLING_SECONDS


@dataclass(frozen=True, slots=True)
class Threshold:
    """A threshold that is set.

    `account_id` is whose it is: the payer whose usage or money it watches, `*` where that is everybody, and empty for
    an administrator's on an instance of which nobody knows the payer. `is_administrators`: users may not change it.
    """

    id: str
    terms: Terms
    account_id: str
    is_administrators: bool
    revision: int
    created_by: str
    created_at: datetime
    changed_at: datetime


class Crossing(StrEnum):
    """What happened to a threshold."""

    FIRED = "fired"
    CLEARED = "cleared"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a threshold stands for one thing that it watches: since when, and how often that has changed.

    `changed_us` is in microseconds since the Unix epoch, None before the first crossing.
    """

    is_firing: bool = False
    changed_us: int | None = None
    crossings: int = 0


@dataclass(frozen=True, slots=True)
class Value:
    """What was measured, in millionths of the measure's base unit.

    Not `is_complete` where part of it is not known at present: it is at least so much.
    """

    micros: int
    is_complete: bool = True


@dataclass(frozen=True, slots=True)
class Concerned:
    """Who and what a crossing concerns; `account_id` pays. Empty text where there is none."""

    account_id: str
    user_id: str = ""
    org_id: str = ""
    instance_id: str = ""
    node_id: str = ""

    @property
    def key(self) -> str:
        """What tells apart the things that one threshold watches: they are all instances, or all accounts."""
        return self.instance_id or self.account_id


@dataclass(frozen=True, slots=True)
class Firing:
    """That a threshold is firing: for whom, since when, and with which value it began, in the threshold's units."""

    threshold_id: str
    concerned: Concerned
    since: datetime
    value: str
