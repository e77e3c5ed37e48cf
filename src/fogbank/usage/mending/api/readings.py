"""Routes of single readings: see one, correct one."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from fogbank.runtime.http.caller import AdministratorCaller, CurrentCaller
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.http.values import Id
from fogbank.usage.client.mending import ReadingView
from fogbank.usage.mending.api.refusals import REFUSALS
from fogbank.usage.mending.api.values import READ, WRITE, Key, Reason, instant_us_of
from fogbank.usage.mending.corrections import Corrections
from fogbank.usage.mending.errors import NoReading
from fogbank.usage.mending.model import Wish
from fogbank.usage.mending.rendering import instant_text, reading_view
from fogbank.usage.mending.rules import metrics_micros
from fogbank.usage.store.schema import METRICS

CORRECTION_EXAMPLE: JsonDict = {
    "metrics": {"cpu_seconds": "12.5"},
    "reason": "The sensor counted a stopped core, see ticket 88.",
}


class ReadingCorrection(BaseModel):
    """What a reading should have said, and why. What is not named stays; `org_id: null` takes the organisation away."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": CORRECTION_EXAMPLE})

    reason: Reason
    metrics: Annotated[
        dict[str, str], Field(description="Decimal strings of whole units by metric, at most six decimals.")
    ] = {}
    period_end: AwareDatetime | None = None
    user_id: Id | None = None
    org_id: Id | None = None

    def wish(self) -> Wish:
        """The same without words."""
        is_org_said = "org_id" in self.model_fields_set
        return Wish(
            metrics_micros=metrics_micros(self.metrics, METRICS),
            end_us=None if self.period_end is None else instant_us_of("period_end", self.period_end),
            user_id=self.user_id,
            org_id=(self.org_id or "") if is_org_said else None,
        )


def reading_routes(corrections: Corrections) -> APIRouter:
    router = APIRouter(prefix="/api/v1/usage/instances/{instance_id}/readings", tags=["usage"], dependencies=REFUSALS)

    @router.get("/{period_start}", dependencies=READ, responses=problem_responses(401, 403, 404))
    async def read_reading(instance_id: Id, period_start: AwareDatetime, caller: CurrentCaller) -> ReadingView:
        """One reading with all that is known of it: as it is billed, where it came from, how it was corrected."""
        start_us = instant_us_of("period_start", period_start)
        stored, made = await corrections.reading(instance_id, start_us)
        if not caller.may_see(stored.content.account_id) and stored.content.user_id != caller.id:
            raise NoReading(instance_id, instant_text(start_us))
        return reading_view(stored, made)

    @router.put("/{period_start}", dependencies=WRITE, responses=problem_responses(401, 403, 404, 409))
    async def correct_reading(
        instance_id: Id,
        period_start: AwareDatetime,
        body: ReadingCorrection,
        administrator: AdministratorCaller,
        key: Key = "",
    ) -> ReadingView:
        """For administrators: correct a reading. It is billed so within moments, also where another payer pays."""
        start_us = instant_us_of("period_start", period_start)
        stored, made = await corrections.correct(
            instance_id, start_us, body.wish(), actor_id=administrator.id, reason=body.reason, key=key
        )
        return reading_view(stored, made)

    return router
