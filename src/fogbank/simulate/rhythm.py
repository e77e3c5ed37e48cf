"""Rhythm: how busy each instance is at a given time, by what it is for, the time of day and the day of the week.

One formula for all: `base + swing × day^sharpness × week + jitter`, where `day` is a raised cosine around the
instance's peak hour. A web server follows people, a nightly job is a sharp peak, an idle machine is all base.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fogbank.simulate.model import STORAGE_GB_MAX, Kind, SimulatedInstance

US_PER_HOUR = 3_600_000_000
HOURS_PER_WEEK = 168
THURSDAY_HOURS = 72
"""The Unix epoch was a Thursday: its first hour is the 73rd of a week that begins on Monday."""
SATURDAY_HOURS = 120

Floats = NDArray[np.float64]
Levels = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Profile:
    """Shares are of the instance's size, 0 to 1; network is megabytes per vCPU second of work."""

    base: float
    swing: float
    sharpness: float
    weekend: float
    jitter: float
    memory_share: float
    egress_mb: float
    ingress_mb: float


PROFILES = {
    Kind.WEB: Profile(0.06, 0.45, 1.5, 0.55, 0.05, 0.48, 0.30, 0.10),
    Kind.DATABASE: Profile(0.15, 0.25, 1.0, 0.70, 0.04, 0.78, 0.10, 0.08),
    Kind.WORKER: Profile(0.35, 0.30, 1.0, 0.85, 0.12, 0.40, 0.05, 0.08),
    Kind.NIGHTLY: Profile(0.01, 0.90, 12.0, 1.00, 0.03, 0.35, 0.06, 0.30),
    Kind.DESKTOP: Profile(0.02, 0.35, 2.5, 0.08, 0.10, 0.55, 0.06, 0.20),
    Kind.IDLE: Profile(0.004, 0.004, 1.0, 1.00, 0.002, 0.12, 0.02, 0.02),
    Kind.GPU: Profile(0.20, 0.25, 0.6, 0.90, 0.06, 0.70, 0.02, 0.15),
}
GPU_SHARE = 0.82
"""How busy a GPU is while its instance works: whoever rents one uses it."""


@dataclass(frozen=True, slots=True)
class Readings:
    """One number an instance, in the steps that the encoder writes: integers, so that encoding is a table lookup."""

    cpu_permille: Levels
    """Thousandths of one vCPU."""
    memory_permille: Levels
    """Thousandths of the instance's memory."""
    storage_tenths_gb: Levels
    egress_hundredths_mb: Levels
    ingress_hundredths_mb: Levels
    gpu_permille: Levels
    """Thousandths of one GPU."""


class Rhythm:
    """The load of a fixed list of instances, as a pure function of the seed and the time."""

    def __init__(self, instances: Sequence[SimulatedInstance], seed: int) -> None:
        self._seed = seed
        self._profiles = np.array([list(_numbers(PROFILES[one.kind])) for one in instances], dtype=np.float64).T
        self._peak_hours = np.array([one.peak_hour for one in instances])
        self._vcpus = np.array([one.vcpus for one in instances])
        self._gpus = np.array([one.gpus for one in instances])
        self._storage_gb = np.array([one.storage_gb for one in instances])
        self._starts_us = np.array([one.starts_us for one in instances])

    def at(self, period_start_us: int, period_seconds: int) -> Readings:
        """What every instance does in the period that starts at `period_start_us`."""
        # A counter-based generator: any tick can be made again without the ticks before it.
        dice = np.random.Generator(np.random.Philox(key=self._seed, counter=period_start_us // 1_000_000))
        base, swing, sharpness, weekend, jitter, memory_share, egress_mb, ingress_mb = self._profiles
        hour = period_start_us / US_PER_HOUR
        day = (0.5 + 0.5 * np.cos((hour % 24 - self._peak_hours) * (np.pi / 12))) ** sharpness
        week = weekend if _is_weekend(hour) else 1.0
        share = np.clip(base + swing * day * week + jitter * dice.standard_normal(len(base)), 0.001, 1.0)
        work_hundredths = share * self._vcpus * period_seconds * 100
        chatter = dice.uniform(0.6, 1.4, len(base))
        return Readings(
            cpu_permille=(share * self._vcpus * 1000).astype(np.int64),
            memory_permille=(np.clip(memory_share * (0.85 + 0.3 * share), 0, 1) * 1000).astype(np.int64),
            storage_tenths_gb=self._storage_tenths_gb(period_start_us),
            egress_hundredths_mb=(work_hundredths * egress_mb * chatter).astype(np.int64),
            ingress_hundredths_mb=(work_hundredths * ingress_mb * chatter).astype(np.int64),
            gpu_permille=(np.clip(GPU_SHARE + 0.3 * (share - 0.3), 0, 1) * self._gpus * 1000).astype(np.int64),
        )

    def _storage_tenths_gb(self, period_start_us: int) -> Levels:
        """Disks begin 40 % full and gain half a percent a day, up to nine tenths of their size."""
        days = np.maximum(period_start_us - self._starts_us, 0) / (24 * US_PER_HOUR)
        filled = np.minimum(0.4 + 0.005 * (days % 100), 0.9)
        tenths: Levels = np.minimum(self._storage_gb * filled * 10, STORAGE_GB_MAX * 10).astype(np.int64)
        return tenths


def _numbers(profile: Profile) -> tuple[float, ...]:
    return (
        profile.base,
        profile.swing,
        profile.sharpness,
        profile.weekend,
        profile.jitter,
        profile.memory_share,
        profile.egress_mb,
        profile.ingress_mb,
    )


def _is_weekend(hours_since_epoch: float) -> bool:
    return (hours_since_epoch + THURSDAY_HOURS) % HOURS_PER_WEEK >= SATURDAY_HOURS
