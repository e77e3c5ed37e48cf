"""E-mails that wait until notifications have them, written in the transactions of what they tell."""

from fogbank.migrations import run_sql
from fogbank.migrations.roles import guard, open_schema

revision = "0012"
down_revision = "0011"

# Sealed whole, since links let somebody in; some are to nobody, so that asking for any address costs the same.
LETTERS = """
CREATE TABLE accounts.letters (
    number bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    id text NOT NULL UNIQUE,
    key_id text NOT NULL,
    sealed bytea NOT NULL,
    written_at timestamptz NOT NULL
);
"""


def upgrade() -> None:
    run_sql(LETTERS)
    open_schema("accounts")
    guard("accounts.letters")
