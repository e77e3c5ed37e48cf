"""What other components may know of thresholds: how one is configured, what is firing, and a typed client.

The configuration is the published one; what is added to it is optional. `threshold_value` is a JSON number of `units`
with at most six decimals. Instants are RFC 3339 in UTC.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from fogbank.runtime.client import ServiceHttp

THRESHOLDS_PATH = "/api/v1/thresholds"
THRESHOLDS_PER_PAGE = 100
THRESHOLDS_PER_PAGE_MAX = 1_000

ResourceTypeName = Literal[
    "cpu", "memory", "storage", "network_egress", "network_ingress", "gpu", "spend", "balance", "runway"
]
ThresholdTypeName = Literal["absolute", "percentage"]
ActionName = Literal["log", "notify", "throttle", "suspend"]
ChannelName = Literal["email", "api_callback", "portal"]


@dataclass(frozen=True, slots=True)
class ThresholdConfiguration:
    """A threshold to set: the published configuration, about exactly one of `user_id`, `org_id` and `instance_id`.

    A `user_id` of `*` is everybody. `id` is the caller's name for it, so that setting it twice is setting it once.
    `reason` is for the activity log, where an administrator sets it.
    """

    resource_type: ResourceTypeName
    threshold_type: ThresholdTypeName
    threshold_value: int | float
    units: str
    action: ActionName
    user_id: str | None = None
    notification_channels: list[ChannelName] = field(default_factory=list)
    org_id: str | None = None
    instance_id: str | None = None
    name: str = ""
    hysteresis_percent: int = 5
    cooling_seconds: int = 900
    id: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ThresholdView:
    """A threshold that is set. `account_id` is whose it is, `*` where that is everybody; `revision` counts changes."""

    id: str
    resource_type: ResourceTypeName
    threshold_type: ThresholdTypeName
    threshold_value: int | float
    units: str
    action: ActionName
    user_id: str | None
    org_id: str | None
    instance_id: str | None
    notification_channels: list[ChannelName]
    name: str
    hysteresis_percent: int
    cooling_seconds: int
    account_id: str
    is_administrators: bool
    revision: int
    created_by: str
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class ThresholdsView:
    """A page of thresholds, by id; `next_cursor` is the `after` of the next page, or null at the end."""

    thresholds: list[ThresholdView]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class FiringView:
    """A threshold that is firing `since` then, and for whom; `value` is what was measured when it fired.

    `account_id` pays. Texts are empty where there is nothing to say.
    """

    threshold_id: str
    name: str
    resource_type: ResourceTypeName
    threshold_type: ThresholdTypeName
    threshold_value: int | float
    units: str
    action: ActionName
    value: str
    since: datetime
    account_id: str
    user_id: str
    org_id: str
    instance_id: str
    node_id: str


@dataclass(frozen=True, slots=True)
class FiringsView:
    """A page of what is firing now; `next_cursor` is the `after` of the next page, or null at the end."""

    firing: list[FiringView]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class ThresholdsClient:
    """Sets thresholds and asks about them. Someone else's is a `Problem` 404."""

    service: ServiceHttp

    def as_caller(self, token: str) -> "ThresholdsClient":
        """The same, with a user's own token."""
        return ThresholdsClient(self.service.as_caller(token))

    async def create(self, configuration: ThresholdConfiguration) -> ThresholdView:
        """Set a threshold; the same again under its `id` is the same answer, another under it `Problem` 409."""
        return await self.service.post(THRESHOLDS_PATH, configuration, as_=ThresholdView)

    async def thresholds(
        self, *, account_id: str | None = None, after: str | None = None, limit: int | None = None
    ) -> ThresholdsView:
        """A page of the thresholds of an account, or of all that the caller sees."""
        params = {"account_id": account_id, "after": after, "limit": limit}
        return await self.service.get(THRESHOLDS_PATH, params=params, as_=ThresholdsView)

    async def threshold(self, threshold_id: str) -> ThresholdView:
        return await self.service.get(f"{THRESHOLDS_PATH}/{threshold_id}", as_=ThresholdView)

    async def change(self, threshold_id: str, configuration: ThresholdConfiguration) -> ThresholdView:
        """Say anew what a threshold says. What it is about, and of which resource, stays."""
        return await self.service.put(f"{THRESHOLDS_PATH}/{threshold_id}", configuration, as_=ThresholdView)

    async def delete(self, threshold_id: str, reason: str = "") -> None:
        """Remove a threshold; `reason` is for the activity log, where an administrator does it."""
        await self.service.delete(f"{THRESHOLDS_PATH}/{threshold_id}", headers={"fogbank-reason": reason})

    async def firing(
        self, *, account_id: str | None = None, after: str | None = None, limit: int | None = None
    ) -> FiringsView:
        """A page of what is firing now, of an account or of all that the caller sees."""
        params = {"account_id": account_id, "after": after, "limit": limit}
        return await self.service.get(f"{THRESHOLDS_PATH}/states", params=params, as_=FiringsView)
