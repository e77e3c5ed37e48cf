"""What reading the ledger by period takes: its rarer transfers by account, and what ended a hold.

Charges and deductions are most of all transfers and in neither index, so posting them costs no more than before.
"""

from fogbank.migrations import run_sql

revision = "0004"
down_revision = "0003"

INDEXES = """
CREATE INDEX transfers_rare ON ledger.transfers (account_id, sequence) WHERE kind NOT IN ('charge', 'deduct');
CREATE INDEX hold_endings ON ledger.transfers ((details::jsonb ->> 0))
    WHERE kind IN ('capture', 'release', 'expire_hold');
"""


def upgrade() -> None:
    run_sql(INDEXES)
