"""Retention as others see it: policies, what they would drop, what they dropped; and a typed client."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from fogbank.runtime.client import ServiceHttp

RETENTION_PATH = "/api/v1/usage/retention"

Keep = int | Literal["forever", "default"]
"""Days; or for ever; or, for a payer, as the default says."""


class DataClass(StrEnum):
    """What is kept: readings themselves, payers' five minutes, the hours of instances and payers.

    Days of payers, which bills are made from, are no class: they are kept for ever.
    """

    READINGS = "readings"
    WINDOWS = "windows"
    HOURS = "hours"


class Action(StrEnum):
    """What becomes of a partition: it goes, it is written anew without what goes, or it stays as it is."""

    DROP = "drop"
    REWRITE = "rewrite"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class ProposedPolicy:
    """How long a class is kept: of the payer, or with `account_id` None of every payer without a policy of its own."""

    data_class: DataClass
    keep: Keep
    account_id: str | None = None


@dataclass(frozen=True, slots=True)
class PolicyView:
    """A policy that was set: by whom, when and why."""

    data_class: DataClass
    account_id: str | None
    keep: Keep
    set_by: str
    reason: str
    set_at: datetime


@dataclass(frozen=True, slots=True)
class FloorView:
    """From when on a class is kept, of the payer, or with `account_id` None of all others. It only ever rises.

    Readings that come later and are of before it are refused.
    """

    data_class: DataClass
    account_id: str | None
    kept_from: datetime


@dataclass(frozen=True, slots=True)
class SizeView:
    """What a class takes on disk now; `oldest` is the start of its first day or month, None where it holds nothing."""

    data_class: DataClass
    rows: int
    bytes: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class RetentionView:
    """Policies, the floors that they raised so far, sizes, and what we would set where nothing is known of a need."""

    policies: list[PolicyView]
    floors: list[FloorView]
    sizes: list[SizeView]
    recommended: list[ProposedPolicy]


@dataclass(frozen=True, slots=True)
class PartitionChange:
    """What becomes of one day of readings, or one month of a rollup. `rows` are distinct: repeats count once.

    Of a partition that stays although some of its rows have expired, `rows_expired` says how many wait for more.
    """

    data_class: DataClass
    table: str
    partition: str
    action: Action
    rows_before: int
    rows_after: int
    rows_expired: int
    bytes_before: int
    bytes_after: int


@dataclass(frozen=True, slots=True)
class PayerChange:
    """How much of a class goes of one payer; bytes are its share of the partitions' by rows."""

    data_class: DataClass
    account_id: str
    rows: int
    bytes: int


@dataclass(frozen=True, slots=True)
class ClassChange:
    """How much of a class goes in all."""

    data_class: DataClass
    rows: int
    bytes: int


@dataclass(frozen=True, slots=True)
class RetentionChange:
    """What applying policies drops, or did drop.

    `needed_from` is from when on invoices that are not issued need usage: nothing from then on goes; None where no
    policy asks for anything to go. `partitions` are those that hold anything expired. Of the payers, those that lose
    most; `has_more_payers` says that there are others.
    """

    needed_from: datetime | None
    floors: list[FloorView]
    classes: list[ClassChange]
    partitions: list[PartitionChange]
    payers: list[PayerChange]
    has_more_payers: bool


@dataclass(frozen=True, slots=True)
class PolicyToSet:
    """A policy, and why it is set."""

    data_class: DataClass
    keep: Keep
    reason: str
    account_id: str | None = None


@dataclass(frozen=True, slots=True)
class PreviewAsked:
    """Policies to try on top of those that are set, and whether partitions with little to free are taken as well."""

    policies: list[ProposedPolicy] = field(default_factory=list)
    thorough: bool = False


@dataclass(frozen=True, slots=True)
class RunAsked:
    """Why policies are applied now, and whether partitions with little to free are taken as well."""

    reason: str
    thorough: bool = False


@dataclass(frozen=True, slots=True)
class RetentionClient:
    """Speaks to usage's retention, as an administrator or a service."""

    http: ServiceHttp

    async def view(self) -> RetentionView:
        """Policies, floors and sizes."""
        return await self.http.get(RETENTION_PATH, as_=RetentionView)

    async def set_policy(self, policy: PolicyToSet) -> PolicyView:
        """Set a policy; `Problem` 422 where it cannot hold. Nothing is dropped before policies are applied."""
        return await self.http.put(f"{RETENTION_PATH}/policies", policy, as_=PolicyView)

    async def preview(self, policies: Sequence[ProposedPolicy] = (), *, thorough: bool = False) -> RetentionChange:
        """What applying the policies, with these on top, would drop. Changes nothing."""
        asked = PreviewAsked(list(policies), thorough)
        return await self.http.post(f"{RETENTION_PATH}/preview", asked, as_=RetentionChange)

    async def apply(self, reason: str, *, thorough: bool = False) -> RetentionChange:
        """Apply the policies now; what was dropped. Safe to repeat after any interruption."""
        return await self.http.post(f"{RETENTION_PATH}/runs", RunAsked(reason, thorough), as_=RetentionChange)
