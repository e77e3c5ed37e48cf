"""Telling: what an operator should know about a round, in the log; alarms once as they begin, and once as they end."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import structlog

from fogbank.compute.agent.model import Tick
from fogbank.compute.agent.rounds import Round
from fogbank.compute.agent.spool import Spool, SpoolFull

NAMED_MAX = 3
"""How many instances a line of the log names; it counts them all."""
NEARLY_FULL_PERCENT = 75
ROOM_AGAIN_PERCENT = 50

_log = structlog.get_logger(__name__)


class Room(StrEnum):
    """How much room the spool has."""

    ENOUGH = "spool_has_room"
    LITTLE = "spool_nearly_full"
    NONE = "spool_full"


@dataclass(slots=True)
class Teller:
    """Does rounds and says what came of them."""

    spool: Spool
    room: Room = Room.ENOUGH

    def tell(self, round_of: Callable[[Tick], Round], tick: Tick) -> Round | None:
        """Do a round, and say what an operator should know about it; None where it could not be written."""
        try:
            done = round_of(tick)
        except SpoolFull as full:
            self._tell_room(Room.NONE)
            _log.error("tick_not_written", reason=str(full), meanwhile="the next tick covers this one, up to an hour")
            return None
        _tell_facts(done)
        self._tell_room(room_of(self.spool.used_bytes, self.spool.bytes_max, self.room, coalesced=done.coalesced))
        return done

    def _tell_room(self, room: Room) -> None:
        if room is self.room:
            return
        self.room = room
        facts = {"used_bytes": self.spool.used_bytes, "bytes_max": self.spool.bytes_max}
        if room is Room.NONE:
            _log.error(
                room, **facts, meanwhile="readings that wait are made longer, and lose none of what they add up to"
            )
        elif room is Room.LITTLE:
            _log.warning(room, **facts, batches_to_send=self.spool.waiting())
        else:
            _log.info(room, **facts)


def room_of(used_bytes: int, bytes_max: int, before: Room, *, coalesced: int) -> Room:
    """How much room there is: none while readings must be coalesced; enough again only when half of it is free."""
    if coalesced:
        return Room.NONE
    percent = 100 * used_bytes // bytes_max
    if percent < ROOM_AGAIN_PERCENT:
        return Room.ENOUGH
    if percent < NEARLY_FULL_PERCENT and before is Room.ENOUGH:
        return Room.ENOUGH
    return before if before is Room.NONE else Room.LITTLE


def _tell_facts(done: Round) -> None:
    for event, facts in (
        ("readings_missing", done.failures),
        ("counters_reset", done.resets),
        ("counters_moved", done.moved),
        ("left_unmetered", done.unmetered),
        ("nobody_owns", done.ownerless),
    ):
        if facts:
            _log.warning(event, count=len(facts), first=facts[:NAMED_MAX])
    if done.set_back and not done.events:
        _log.warning("clock_set_back", meanwhile="nothing is reported until the clock passes what was reported already")
