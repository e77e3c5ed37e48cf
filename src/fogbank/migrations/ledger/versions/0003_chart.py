"""The whole chart of accounts, operators' earnings, freezes, and each reversal and end of a grant once.

What reverses a transfer or ends a grant names it first in its `details`: the unique indexes over that are what makes
it once, and how it is found. Balances are in no index, so that changing one stays cheap.
"""

from fogbank.migrations import run_sql
from fogbank.runtime.tenancy import SYSTEM_ROLE

revision = "0003"
down_revision = "0002"

CHART = """
ALTER TABLE ledger.accounts
    DROP CONSTRAINT accounts_kind_check,
    ADD CONSTRAINT accounts_kind_check CHECK (kind IN ('customer', 'arrears', 'grant', 'earnings', 'system')),
    ADD CONSTRAINT earnings_are_not_overdrawn CHECK (kind <> 'earnings' OR balance_micros >= 0),
    ADD CONSTRAINT never_above_zero CHECK (
        kind <> 'system' OR balance_micros <= 0 OR name NOT IN ('deposits', 'custody', 'write_offs')
    ),
    ADD CONSTRAINT never_below_zero CHECK (
        kind <> 'system' OR balance_micros >= 0 OR name NOT IN ('breakage', 'treasury')
    );

INSERT INTO ledger.accounts (name, kind)
VALUES ('breakage', 'system'), ('tax', 'system'), ('processor', 'system'), ('custody', 'system'),
    ('treasury', 'system'), ('write_offs', 'system');
"""

FREEZING = f"""
ALTER TABLE ledger.accounts
    ADD COLUMN is_frozen boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT payers_are_frozen CHECK (NOT is_frozen OR kind = 'customer');
GRANT UPDATE (is_frozen) ON ledger.accounts TO {SYSTEM_ROLE};
"""

ONCE = """
CREATE UNIQUE INDEX reversed_once ON ledger.transfers ((details::jsonb ->> 0)) WHERE kind = 'reverse';
CREATE UNIQUE INDEX grant_ends_once ON ledger.transfers ((details::jsonb ->> 0))
    WHERE kind IN ('void_grant', 'expire_grant');
"""

DUE = """
CREATE INDEX holds_due ON ledger.holds (expires_at, id) WHERE state = 'open';
CREATE INDEX grants_due ON ledger.accounts (expires_at, name) WHERE kind = 'grant' AND expires_at IS NOT NULL;
"""


def upgrade() -> None:
    run_sql(CHART)
    run_sql(FREEZING)
    run_sql(ONCE)
    run_sql(DUE)
