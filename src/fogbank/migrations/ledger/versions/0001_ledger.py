"""The ledger: accounts, transfers, their entries, holds, and the chain of batches.

Transfers, entries and batches are append-only for everybody: the triggers fire for the owner, and in replicas too. A
migration that must touch them disables the trigger by name, which is then on record here.
"""

from fogbank.migrations import run_sql

revision = "0001"
down_revision = None

TABLES = """
CREATE TABLE ledger.accounts (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE,
    kind text NOT NULL CHECK (kind IN ('customer', 'arrears', 'grant', 'system')),
    owner_id text CHECK ((owner_id IS NULL) = (kind = 'system')),
    grant_kind text CHECK (grant_kind IN ('paid', 'promotional')),
    priority integer,
    expires_at timestamptz,
    balance_micros bigint NOT NULL DEFAULT 0,
    held_micros bigint NOT NULL DEFAULT 0 CHECK (held_micros >= 0),
    floor_micros bigint NOT NULL DEFAULT 0 CHECK (floor_micros <= 0),
    CHECK ((kind = 'grant') = (grant_kind IS NOT NULL AND priority IS NOT NULL)),
    CONSTRAINT floor_holds CHECK (kind <> 'customer' OR balance_micros - held_micros >= floor_micros),
    CONSTRAINT grant_is_not_overdrawn CHECK (kind <> 'grant' OR balance_micros >= 0),
    CONSTRAINT arrears_are_debt CHECK (kind <> 'arrears' OR balance_micros <= 0)
) WITH (fillfactor = 50);
CREATE INDEX accounts_owner ON ledger.accounts (owner_id) WHERE owner_id IS NOT NULL;

INSERT INTO ledger.accounts (name, kind)
VALUES ('revenue', 'system'), ('promotions', 'system'), ('deposits', 'system'), ('adjustments', 'system');

CREATE TABLE ledger.transfers (
    sequence bigint PRIMARY KEY,
    id text NOT NULL UNIQUE,
    kind text NOT NULL,
    account_id text NOT NULL,
    amount_micros bigint NOT NULL,
    grants_micros bigint NOT NULL,
    credit_micros bigint NOT NULL,
    arrears_micros bigint NOT NULL,
    balance_micros bigint NOT NULL,
    memo text NOT NULL,
    details text NOT NULL
);

CREATE TABLE ledger.entries (
    sequence bigint NOT NULL,
    account bigint NOT NULL,
    amount_micros bigint NOT NULL CHECK (amount_micros <> 0),
    balance_micros bigint NOT NULL,
    PRIMARY KEY (account, sequence)
);
CREATE INDEX entries_sequence ON ledger.entries USING brin (sequence) WITH (autosummarize = on);

CREATE TABLE ledger.holds (
    id text PRIMARY KEY,
    account_id text NOT NULL,
    amount_micros bigint NOT NULL CHECK (amount_micros > 0),
    expires_at timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'captured', 'released', 'expired'))
);
CREATE INDEX holds_open ON ledger.holds (account_id) WHERE state = 'open';

CREATE TABLE ledger.batches (
    number bigint PRIMARY KEY,
    first_sequence bigint NOT NULL UNIQUE,
    last_sequence bigint NOT NULL,
    posted_at timestamptz NOT NULL,
    previous_hash bytea NOT NULL,
    hash bytea NOT NULL,
    CHECK (last_sequence >= first_sequence)
);
CREATE INDEX batches_posted_at ON ledger.batches (posted_at);

CREATE TABLE ledger.head (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    batch bigint NOT NULL,
    sequence bigint NOT NULL,
    posted_at timestamptz NOT NULL,
    hash bytea NOT NULL
);
INSERT INTO ledger.head (batch, sequence, posted_at, hash)
VALUES (0, 0, 'epoch', decode(repeat('00', 32), 'hex'));
"""

APPEND_ONLY = """
CREATE FUNCTION ledger.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'ledger.% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.transfers
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.entries
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.batches
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse();
CREATE TRIGGER append_only BEFORE INSERT OR DELETE OR TRUNCATE ON ledger.head
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse();
CREATE TRIGGER append_only
    BEFORE UPDATE OF name, kind, owner_id, grant_kind, priority, expires_at OR DELETE OR TRUNCATE ON ledger.accounts
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse();
CREATE TRIGGER append_only
    BEFORE UPDATE OF id, account_id, amount_micros, expires_at OR DELETE OR TRUNCATE ON ledger.holds
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse();

ALTER TABLE ledger.transfers ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE ledger.entries ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE ledger.batches ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE ledger.head ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE ledger.accounts ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE ledger.holds ENABLE ALWAYS TRIGGER append_only;
"""

ZERO_SUM = """
CREATE FUNCTION ledger.entries_sum_to_zero() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    unbalanced bigint;
BEGIN
    SELECT sequence INTO unbalanced FROM added GROUP BY sequence HAVING sum(amount_micros) <> 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the entries of transfer % do not sum to zero', unbalanced USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER zero_sum AFTER INSERT ON ledger.entries REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.entries_sum_to_zero();
ALTER TABLE ledger.entries ENABLE ALWAYS TRIGGER zero_sum;
"""


def upgrade() -> None:
    run_sql(TABLES)
    run_sql(APPEND_ONLY)
    run_sql(ZERO_SUM)
