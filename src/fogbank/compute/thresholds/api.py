"""The routes of thresholds: set, see, change and remove them, and see what is firing."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query
from pydantic import Field, StringConstraints

from fogbank.compute.client.thresholds import (
    THRESHOLDS_PATH,
    THRESHOLDS_PER_PAGE,
    THRESHOLDS_PER_PAGE_MAX,
    FiringsView,
    ThresholdsView,
    ThresholdView,
)
from fogbank.compute.thresholds.errors import NotAllowed
from fogbank.compute.thresholds.model import (
    COOLING_SECONDS,
    HYSTERESIS_PERCENT,
    Action,
    Channel,
    ResourceType,
    Terms,
    ThresholdType,
)
from fogbank.compute.thresholds.refusals import REFUSALS
from fogbank.compute.thresholds.rules.units import micros_of_number, require_checkable, require_told
from fogbank.compute.thresholds.service import ThresholdService, Wish
from fogbank.compute.thresholds.told import subject_of
from fogbank.compute.thresholds.views import firing_view, threshold_view
from fogbank.runtime.http.caller import CurrentCaller, require_scope
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.http.values import Id

READ = [Depends(require_scope("thresholds:read"))]
WRITE = [Depends(require_scope("thresholds:write"))]

HYSTERESIS_PERCENT_MAX = 50
COOLING_SECONDS_MAX = 86_400

RESERVED = frozenset({"states"})
"""What is beside the thresholds' ids in their path."""

UserId = Annotated[str, StringConstraints(pattern=r"^(\*|[A-Za-z0-9_.:-]{1,128})$")]
Name = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]{0,200}$")]
Units = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_/%]{1,32}$")]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]{0,500}$")]
Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[A-Za-z0-9_.:-]{0,128}$",
        description="A name for this act: the same name again is the same act.",
    ),
]
Why = Annotated[
    str, Header(alias="Fogbank-Reason", pattern=r"^[ -~]{0,500}$", description="Why, for the activity log.")
]
Account = Annotated[Id | None, Query(description="Of this account only.")]
Limit = Annotated[int, Query(ge=1, le=THRESHOLDS_PER_PAGE_MAX, description="How many at most.")]
After = Annotated[
    str, Query(max_length=128, pattern=r"^[A-Za-z0-9_.:-]*$", description="`next_cursor` of the page before.")
]
AfterFiring = Annotated[
    str, Query(max_length=257, pattern=r"^[A-Za-z0-9_.:/-]*$", description="`next_cursor` of the page before.")
]


@dataclass(frozen=True, slots=True)
class ThresholdBody:
    """A threshold as it is published, about exactly one of `user_id` (`*`: everybody), `org_id` and `instance_id`.

    `threshold_value` has at most six decimals. `reason` is for the activity log, where an administrator sets it.
    """

    resource_type: ResourceType
    threshold_type: ThresholdType
    threshold_value: Annotated[Decimal, Field(json_schema_extra={"examples": [500]})]
    units: Units
    action: Action
    user_id: UserId | None = None
    notification_channels: Annotated[list[Channel], Field(max_length=len(Channel))] = field(default_factory=list)
    org_id: Id | None = None
    instance_id: Id | None = None
    name: Name = ""
    hysteresis_percent: Annotated[int, Field(ge=0, le=HYSTERESIS_PERCENT_MAX)] = HYSTERESIS_PERCENT
    cooling_seconds: Annotated[int, Field(ge=0, le=COOLING_SECONDS_MAX)] = COOLING_SECONDS
    id: Id | None = None
    reason: Reason | None = None

    def terms(self) -> Terms:
        """What it says; `NotAllowed` where that could never be checked, or nobody would be told."""
        terms = Terms(
            subject=subject_of(self.user_id, self.org_id, self.instance_id),
            resource_type=self.resource_type,
            threshold_type=self.threshold_type,
            value_micros=micros_of_number("threshold_value", self.threshold_value),
            units=self.units,
            action=self.action,
            channels=tuple(dict.fromkeys(self.notification_channels)),
            name=self.name,
            hysteresis_percent=self.hysteresis_percent,
            cooling_seconds=self.cooling_seconds,
        )
        require_checkable(terms)
        require_told(terms)
        return terms


def threshold_routes(service: ThresholdService) -> APIRouter:
    """The routes of thresholds."""
    router = APIRouter(prefix=THRESHOLDS_PATH, tags=["thresholds"], dependencies=REFUSALS)

    @router.post("", status_code=201, dependencies=WRITE, responses=problem_responses(401, 403, 404, 409))
    async def set_threshold(body: ThresholdBody, caller: CurrentCaller, key: Key = "") -> ThresholdView:
        """Set a threshold: administrators for anybody and `*`, users for themselves and what they manage."""
        if body.id in RESERVED:
            raise NotAllowed("id", f"'{body.id}' is a word of ours; use another")
        wish = Wish(body.terms(), body.id, key, body.reason or "")
        return threshold_view(await service.create_once(caller, wish))

    @router.get("", dependencies=READ, responses=problem_responses(401, 403, 404))
    async def list_thresholds(
        caller: CurrentCaller, account_id: Account = None, after: After = "", limit: Limit = THRESHOLDS_PER_PAGE
    ) -> ThresholdsView:
        """The thresholds that the caller may see, by id."""
        found = await service.visible(caller, account_id, after, limit)
        return ThresholdsView([threshold_view(each) for each in found], found[-1].id if len(found) == limit else None)

    @router.get("/states", dependencies=READ, responses=problem_responses(401, 403, 404))
    async def list_firing(
        caller: CurrentCaller, account_id: Account = None, after: AfterFiring = "", limit: Limit = THRESHOLDS_PER_PAGE
    ) -> FiringsView:
        """What is firing now, and for whom; of thresholds for everybody, what concerns the caller's accounts."""
        threshold_id, _, subject = after.partition("/")
        found = await service.firing(caller, account_id, (threshold_id, subject), limit)
        last = found[-1][1] if len(found) == limit else None
        cursor = None if last is None else f"{last.threshold_id}/{last.concerned.key}"
        return FiringsView([firing_view(threshold, firing) for threshold, firing in found], cursor)

    @router.get("/{threshold_id}", dependencies=READ, responses=problem_responses(401, 403, 404))
    async def read_threshold(threshold_id: Id, caller: CurrentCaller) -> ThresholdView:
        """One threshold."""
        return threshold_view(await service.threshold(caller, threshold_id))

    @router.put("/{threshold_id}", dependencies=WRITE, responses=problem_responses(401, 403, 404, 409))
    async def change_threshold(threshold_id: Id, body: ThresholdBody, caller: CurrentCaller) -> ThresholdView:
        """Say anew what a threshold says. What it watches stays: to watch something else, set another one."""
        return threshold_view(await service.change(caller, threshold_id, body.terms(), body.reason or ""))

    @router.delete("/{threshold_id}", status_code=204, dependencies=WRITE, responses=problem_responses(401, 403, 404))
    async def remove_threshold(threshold_id: Id, caller: CurrentCaller, reason: Why = "") -> None:
        """Remove a threshold. Where it was firing, nobody is told anything more."""
        await service.delete(caller, threshold_id, reason)

    return router
