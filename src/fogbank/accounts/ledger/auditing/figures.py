"""Figures: what the ledger says of itself to the audit, added up and hashed anew."""

from dataclasses import asdict
from datetime import datetime

from fogbank.accounts.ledger.auditing import store
from fogbank.accounts.ledger.auditing.findings import read_findings
from fogbank.accounts.ledger.auditing.verifying import ChainReport, verify_chain
from fogbank.accounts.ledger.client import ChainView, LedgerFigures
from fogbank.kernel.money import credits_from_micros
from fogbank.runtime.database import Connection


async def read_figures(connection: Connection, charge_prefix: str, now: datetime) -> LedgerFigures:
    """Everything at one instant; `charges` of ids that begin with the prefix. It reads the ledger from end to end."""
    await store.begin_one_instant(connection)
    transfers, entries, balances_micros = await store.counts(connection)
    charges = await store.charges(connection, charge_prefix)
    figures = LedgerFigures(
        transfers=transfers,
        entries=entries,
        balances_sum=credits_from_micros(balances_micros),
        differing_accounts=await store.names_of(connection, store.DIFFERING_ACCOUNTS),
        broken_entries=await store.names_of(connection, store.BROKEN_ENTRIES),
        unbalanced_transfers=await store.names_of(connection, store.UNBALANCED_TRANSFERS),
        differing_holds=await store.names_of(connection, store.DIFFERING_HOLDS),
        **asdict(await read_findings(connection, now)),
        charges={account_id: credits_from_micros(micros) for account_id, micros in charges.items()},
        chain=_chain_view(await verify_chain(connection)),
    )
    await store.commit(connection)
    return figures


def _chain_view(report: ChainReport) -> ChainView:
    """The view of a walk along the chain; only the first of what is broken is named."""
    broken = report.broken[: store.NAMED_MAX]
    return ChainView(ok=not broken, batches=report.batches, hash=report.hash.hex(), broken=broken)
