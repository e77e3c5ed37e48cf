"""Findings: whether what transfers say beyond their entries holds, each wrong thing by its name."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from fogbank.accounts.ledger.auditing import state_store
from fogbank.runtime.database import Connection

SETTLING_TIME_MAX = timedelta(minutes=15)
"""What expired longer ago is settled: the jobs that do it run each minute."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What is wrong; all empty where nothing is.

    `out_of_range` are ledger accounts where the chart does not let them be, `unmirrored_reversals` reversals that do
    not mirror what they name, `unsettled` holds and grants that have ended and still hold something, and
    `differing_terms` accounts and holds whose owner, floor, freeze, expiry or state is not what transfers say.
    """

    out_of_range: list[str]
    unmirrored_reversals: list[str]
    unsettled: list[str]
    differing_terms: list[str]


async def read_findings(connection: Connection, now: datetime) -> Findings:
    """The first of what is wrong. The connection should read one instant."""
    settled_before = now - SETTLING_TIME_MAX

    async def named(query: str) -> list[str]:
        return await state_store.names_of(connection, query, settled_before)

    terms = (state_store.DIFFERING_TERMS, state_store.DIFFERING_OWNERS, state_store.DIFFERING_HOLD_STATES)
    return Findings(
        out_of_range=await state_store.names_out_of_range(connection),
        unmirrored_reversals=await named(state_store.UNMIRRORED_REVERSALS),
        unsettled=await named(state_store.UNSETTLED),
        differing_terms=[name for query in terms for name in await named(query)],
    )
