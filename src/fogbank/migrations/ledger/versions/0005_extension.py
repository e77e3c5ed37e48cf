"""Holds may be extended; transfers are found by whom they name; expired grants are looked for while they hold some.

A grant is marked as settled once, when nothing can happen to it any more. Were its balance in the index instead, every
posting to any account would have to write indexes too.
"""

from fogbank.migrations import run_sql
from fogbank.runtime.tenancy import SYSTEM_ROLE

revision = "0005"
down_revision = "0004"

EXTENSION = f"""
DROP TRIGGER append_only ON ledger.holds;
CREATE TRIGGER append_only BEFORE UPDATE OF id, account_id, amount_micros OR DELETE OR TRUNCATE ON ledger.holds
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse();
ALTER TABLE ledger.holds ENABLE ALWAYS TRIGGER append_only;

CREATE TRIGGER never_shorter BEFORE UPDATE OF expires_at ON ledger.holds
    FOR EACH ROW WHEN (new.expires_at < old.expires_at OR new.expires_at > old.expires_at AND old.state <> 'open')
    EXECUTE FUNCTION ledger.refuse();
ALTER TABLE ledger.holds ENABLE ALWAYS TRIGGER never_shorter;
GRANT UPDATE (expires_at) ON ledger.holds TO {SYSTEM_ROLE};
"""

SETTLING = f"""
ALTER TABLE ledger.accounts
    ADD COLUMN is_settled boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT settled_grants_are_empty CHECK (NOT is_settled OR kind = 'grant' AND balance_micros = 0);
GRANT UPDATE (is_settled) ON ledger.accounts TO {SYSTEM_ROLE};

DROP INDEX ledger.grants_due;
CREATE INDEX grants_due ON ledger.accounts (expires_at, name)
    WHERE kind = 'grant' AND expires_at IS NOT NULL AND NOT is_settled;
"""

NAMING = """
CREATE INDEX transfers_naming ON ledger.transfers USING gin ((details::jsonb) jsonb_path_ops)
    WHERE kind IN ('transfer', 'post', 'capture');
"""


def upgrade() -> None:
    run_sql(EXTENSION)
    run_sql(SETTLING)
    run_sql(NAMING)
