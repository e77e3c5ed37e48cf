"""Decisions about entries of the quarantine. The entries themselves are in the queue, and stay there."""

from collections.abc import Collection
from dataclasses import asdict

from fogbank.usage.mending.model import Decision, EntryState
from fogbank.usage.store.engine import Engine

OF_ENTRIES = """
    SELECT entry, received_us, state, payload_sha256, stream_sequence, actor_id, reason, at_us
    FROM quarantine_decisions FINAL
    WHERE entry IN {entries:Array(UInt64)}
"""

WRITE = """
    INSERT INTO quarantine_decisions
        (entry, received_us, state, payload_sha256, stream_sequence, actor_id, reason, at_us)
    SELECT {entry:UInt64}, {received_us:Int64}, {state:String}, {payload_sha256:String}, {stream_sequence:UInt64},
        {actor_id:String}, {reason:String}, {at_us:Int64}
"""


async def of_entries(engine: Engine, entries: Collection[int]) -> dict[tuple[int, int], Decision]:
    """What was decided, by the entry's id and when it was received; nothing for an entry that is open."""
    found = await engine.rows(OF_ENTRIES, {"entries": list(entries)})
    decisions = [Decision(entry, at, EntryState(state), *rest) for entry, at, state, *rest in found]
    return {(decision.entry, decision.received_us): decision for decision in decisions}


async def write(engine: Engine, decision: Decision) -> None:
    """Write a decision, on disk when this returns."""
    await engine.command(WRITE, {**asdict(decision), "state": str(decision.state)})
