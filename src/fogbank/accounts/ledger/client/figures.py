"""What the audit compares."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChainView:
    """Whether the chain of hashes is intact: the last batch and its hash, and what is wrong, batch by batch."""

    ok: bool
    batches: int
    hash: str
    broken: list[str]


@dataclass(frozen=True, slots=True)
class LedgerFigures:
    """What the audit compares.

    `balances_sum` must be zero. `differing_accounts` names ledger accounts whose balance is not the sum of its entries,
    `broken_entries` entries that do not continue the balance before them or refer to nothing, `unbalanced_transfers`
    those whose entries do not sum to zero, and `differing_holds` accounts that hold something else than their open
    holds. `out_of_range` are ledger accounts where the chart does not let them be, `unmirrored_reversals` those that do
    not mirror what they name, `unsettled` holds and grants that ended a while ago and still hold something, and
    `differing_terms` accounts and holds whose owner, floor, freeze, expiry or state is not what transfers say. All must
    be empty. `charges` is what was charged by account, refunds taken off, for ids of some prefix.
    """

    transfers: int
    entries: int
    balances_sum: str
    differing_accounts: list[str]
    broken_entries: list[str]
    unbalanced_transfers: list[str]
    differing_holds: list[str]
    out_of_range: list[str]
    unmirrored_reversals: list[str]
    unsettled: list[str]
    differing_terms: list[str]
    charges: dict[str, str]
    chain: ChainView
