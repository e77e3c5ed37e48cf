"""The chart of accounts: how far each ledger account may go. docs/ledger.md says what each is for.

| ledger account | one per | its balance may be |
| --- | --- | --- |
| `customer:<account>` | payer | down to its floor, 0 or minus its credit limit, plus what is held |
| `grant:<grant>` | grant | never below 0 |
| `arrears:<account>` | payer | never above 0 |
| `earnings:<operator>` | operator | never below 0 |
| all others | ledger | as `SYSTEM_RANGES` says |

Nothing that time does can be refused: expiry only adds to promotions, which go anywhere, and to breakage.

The database has the same limits as constraints, and the audit looks at every account by them.
"""

from fogbank.accounts.ledger.model import (
    ADJUSTMENTS,
    BREAKAGE,
    CUSTODY,
    DEPOSITS,
    PROCESSOR,
    PROMOTIONS,
    REVENUE,
    TAX,
    TREASURY,
    WRITE_OFFS,
)
from fogbank.kernel.money import MICROS_MAX

Range = tuple[int, int]
"""The least and the most that a balance may be, in micro-credits."""

ANYWHERE: Range = (-MICROS_MAX, MICROS_MAX)
NEVER_BELOW_ZERO: Range = (0, MICROS_MAX)
NEVER_ABOVE_ZERO: Range = (-MICROS_MAX, 0)

SYSTEM_RANGES: dict[str, Range] = {
    REVENUE: ANYWHERE,
    BREAKAGE: NEVER_BELOW_ZERO,
    TAX: ANYWHERE,
    TREASURY: NEVER_BELOW_ZERO,
    DEPOSITS: NEVER_ABOVE_ZERO,
    PROCESSOR: ANYWHERE,
    CUSTODY: NEVER_ABOVE_ZERO,
    PROMOTIONS: ANYWHERE,
    WRITE_OFFS: NEVER_ABOVE_ZERO,
    ADJUSTMENTS: ANYWHERE,
}

OWNED_RANGES: dict[str, Range] = {
    "customer": ANYWHERE,
    "grant": NEVER_BELOW_ZERO,
    "arrears": NEVER_ABOVE_ZERO,
    "earnings": NEVER_BELOW_ZERO,
}
"""By kind. A customer's floor is its own, and moves with what is held."""


def range_of(name: str) -> Range:
    """How far the ledger account of this name may go, whatever else binds it."""
    return SYSTEM_RANGES[name] if name in SYSTEM_RANGES else OWNED_RANGES[name.partition(":")[0]]
