"""The agent's memory on disk: where every instance stands, and the readings that the queue does not have yet."""

from fogbank.compute.agent.spool.disk import SpoolFull
from fogbank.compute.agent.spool.keeping import EVENTS_PER_BATCH_MAX, SPOOL_BYTES_MAX, Spool
from fogbank.compute.agent.spool.opening import SpoolUnusable
from fogbank.compute.agent.spool.store import SpooledBatch

__all__ = [
    "EVENTS_PER_BATCH_MAX",
    "SPOOL_BYTES_MAX",
    "Spool",
    "SpoolFull",
    "SpoolUnusable",
    "SpooledBatch",
]
