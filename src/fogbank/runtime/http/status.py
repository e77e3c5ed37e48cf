"""What a process says of itself: the views of its health."""

from dataclasses import dataclass
from datetime import datetime

STATUS_PATH = "/api/v1/health/status"


@dataclass(frozen=True, slots=True)
class HealthView:
    """Whether every component of this process is well."""

    ok: bool


@dataclass(frozen=True, slots=True)
class ComponentStatusView:
    """How one component is: when its main work last succeeded, and what it says."""

    name: str
    ok: bool
    last_success_at: datetime | None
    detail: str


@dataclass(frozen=True, slots=True)
class StatusView:
    """Whether all of them are well, and how each component is; at the origin, those of the process behind it too."""

    ok: bool
    components: list[ComponentStatusView]
