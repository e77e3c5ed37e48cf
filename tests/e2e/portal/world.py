"""What the stand-in for the other components answers: a year of a small invented fleet, which tests change."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from fogbank.kernel.meters import Meter
from fogbank.kernel.money import credits_from_micros
from fogbank.runtime.problems import Problem

NOW = datetime(2026, 11, 25, 14, 12, 30, tzinfo=UTC)
ORG, OTHER_ORG, USER = "org_acme", "org_fjord", "user_mira"
EMAIL, PASSWORD, LINK = "mira@acme.example", "correct horse", "link-once"
FLEET: Mapping[str, Mapping[Meter, int]] = {
    "gpu-h100-a": {Meter.GPU_SECONDS: 46_000, Meter.CPU_SECONDS: 4_100, Meter.MEMORY_GB_SECONDS: 3_300},
    "api-prod-1": {Meter.CPU_SECONDS: 14_800, Meter.MEMORY_GB_SECONDS: 5_200, Meter.NETWORK_EGRESS_MB: 1_700},
    "edge-egress": {Meter.NETWORK_EGRESS_MB: 7_400, Meter.CPU_SECONDS: 3_200, Meter.MEMORY_GB_SECONDS: 1_300},
    "vol-data-01": {Meter.STORAGE_GB_SECONDS: 11_600, Meter.CPU_SECONDS: 700},
    "pg-primary": {Meter.CPU_SECONDS: 6_100, Meter.MEMORY_GB_SECONDS: 6_800, Meter.STORAGE_GB_SECONDS: 2_700},
    "batch-etl": {Meter.CPU_SECONDS: 5_400, Meter.MEMORY_GB_SECONDS: 1_100},
    "gpu-l40s-dev": {Meter.GPU_SECONDS: 4_200, Meter.CPU_SECONDS: 900},
    "api-prod-2": {Meter.CPU_SECONDS: 3_100, Meter.MEMORY_GB_SECONDS: 1_600},
}
"""What each instance costs a day, in thousandths of a credit, by meter."""

ALL_CHANNELS: Mapping[str, Any] = {
    "channels": {name: ["email", "portal"] for name in ("balance", "thresholds", "account")},
    "quiet_hours": None,
}

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@dataclass
class World:
    """What the stand-in answers; tests change it."""

    now: datetime = NOW
    balance: str = "1204.60"
    per_hour: str = "5.12"
    runway_seconds: int | None = 9 * 86_400
    is_new: bool = False
    is_reporting: bool = True
    is_link_used: bool = False
    has_session: bool = True
    broken: set[str] = field(default_factory=set)
    held: dict[str, asyncio.Event] = field(default_factory=dict)
    """Components that do not answer until something happens."""
    refusal: Problem | None = None
    asked: list[str] = field(default_factory=list)
    role: str = "owner"
    notices: list[dict[str, Any]] = field(default_factory=list)
    preferences: dict[str, Any] = field(default_factory=lambda: dict(ALL_CHANNELS))
    thresholds: dict[str, dict[str, Any]] = field(default_factory=dict)
    firing: list[dict[str, Any]] = field(default_factory=list)
    webhooks: dict[str, dict[str, Any]] = field(default_factory=dict)
    deliveries: list[dict[str, Any]] = field(default_factory=list)
    door: dict[str, Any] = field(default_factory=dict)
    """What the stand-in for the door answers otherwise, or refuses, by path."""
    posted: dict[str, Any] = field(default_factory=dict)
    """What the door was asked last, by path."""
    expected_in_console: str = "(nothing)"

    def cost(self, name: str, meter: Meter, start: datetime, length: timedelta) -> int:
        """Micro-credits within an hour or a day: a plausible rhythm, and the GPU's three expensive days."""
        if self.is_new or start >= self.now or (name == "gpu-l40s-dev" and start.month % 2):
            return 0
        until = min(start + length, self.now)
        part = (until - start) / DAY
        seed = sum(map(ord, f"{name}{meter}{start.date()}")) * 7919 % 1000
        weekday = 0.86 if start.weekday() >= 5 else 1.0
        burst = 1.75 if meter is Meter.GPU_SECONDS and (start.month, start.day) in {(11, 11), (11, 12), (11, 13)} else 1
        hourly = 1.0 + 0.25 * ((start.hour - 14) % 24 < 8) if length == HOUR else 1.0
        return round(FLEET[name][meter] * 1000 * part * weekday * burst * hourly * (0.86 + seed / 4000))

    def costs(self, start: datetime, end: datetime, interval: str, by: str, timezone: ZoneInfo) -> list[dict[str, Any]]:
        """Rows as billing gives them."""
        found: dict[tuple[datetime, datetime, str], int] = defaultdict(int)
        for at, until in intervals(start, min(end, self.now), interval, timezone):
            for name, meters in FLEET.items():
                for meter in meters:
                    key = meter.value if by == "meter" else f"i-{name}"
                    found[at, until, key] += self._sum(name, meter, at, until)
        return [
            {"start": at, "end": until, "key": key, "label": _label(key), "cost": credits_from_micros(micros)}
            for (at, until, key), micros in found.items()
            if micros
        ]

    def _sum(self, name: str, meter: Meter, at: datetime, until: datetime) -> int:
        if until - at <= HOUR:
            return self.cost(name, meter, at, until - at)
        days = (until - at + DAY / 2) // DAY
        return sum(self.cost(name, meter, (at + DAY * day).astimezone(UTC), DAY) for day in range(days))


def intervals(start: datetime, end: datetime, interval: str, timezone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """`[start, end)` cut at whole hours, days or months of `timezone`."""
    local = start.astimezone(timezone)
    at = local.replace(minute=0, second=0, microsecond=0)
    at = at if interval == "hour" else at.replace(hour=0)
    at = at.replace(day=1) if interval == "month" else at
    cut = []
    while at.astimezone(UTC) < end:
        if interval == "hour":
            following = (at.astimezone(UTC) + HOUR).astimezone(timezone)
        else:
            following = at + DAY if interval == "day" else (at + 32 * DAY).replace(day=1)
        cut.append((at.astimezone(UTC), following.astimezone(UTC)))
        at = following
    return cut


def _label(key: str) -> str:
    return Meter(key).label if key in set(Meter) else key.removeprefix("i-")
