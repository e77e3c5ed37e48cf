"""Price books, lines, charges, where usage was read up to, and where each payer's credit stands.

Price books and charges are append-only: what prices said and what was charged is never rewritten. Of a charge only that
and how it was posted may be added, once.
"""

from fogbank.migrations import run_sql

revision = "0001"
down_revision = None

TABLES = """
CREATE TABLE billing.price_books (
    version integer PRIMARY KEY CHECK (version > 0),
    content_hash text NOT NULL,
    valid_from timestamptz NOT NULL,
    currency text NOT NULL,
    document jsonb NOT NULL,
    stored_at timestamptz NOT NULL
);

CREATE TABLE billing.lines (
    account_id text NOT NULL,
    month_start_at timestamptz NOT NULL,
    meter text NOT NULL,
    price_book_version integer NOT NULL REFERENCES billing.price_books,
    quantity numeric(38, 0) NOT NULL,
    cost_micros bigint NOT NULL,
    charged_micros bigint NOT NULL,
    revision integer NOT NULL CHECK (revision >= 0),
    PRIMARY KEY (account_id, month_start_at, meter)
) WITH (fillfactor = 70);
CREATE INDEX lines_month ON billing.lines (month_start_at);
CREATE INDEX lines_waiting ON billing.lines (month_start_at) WHERE charged_micros <> cost_micros;

CREATE TABLE billing.charges (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text NOT NULL UNIQUE,
    account_id text NOT NULL,
    month_start_at timestamptz NOT NULL,
    meter text NOT NULL,
    revision integer NOT NULL CHECK (revision > 0),
    price_book_version integer NOT NULL REFERENCES billing.price_books,
    quantity numeric(38, 0) NOT NULL,
    cost_micros bigint NOT NULL,
    amount_micros bigint NOT NULL CHECK (amount_micros <> 0),
    written_at timestamptz NOT NULL,
    posted_at timestamptz,
    transfer_id text,
    UNIQUE (account_id, month_start_at, meter, revision),
    CHECK ((posted_at IS NULL) = (transfer_id IS NULL))
);
CREATE INDEX charges_account ON billing.charges (account_id, position);
CREATE INDEX charges_unposted ON billing.charges (position) WHERE posted_at IS NULL;

CREATE TABLE billing.usage_cursor (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    cursor bigint NOT NULL
);
INSERT INTO billing.usage_cursor (cursor) VALUES (0);

CREATE TABLE billing.credit_states (
    account_id text PRIMARY KEY,
    state text NOT NULL CHECK (state IN ('ok', 'low', 'exhausted')),
    crossings integer NOT NULL DEFAULT 0 CHECK (crossings >= 0),
    check_at timestamptz NOT NULL
);
CREATE INDEX credit_states_check ON billing.credit_states (check_at);

CREATE TABLE billing.signals (
    id text PRIMARY KEY,
    type text NOT NULL,
    account_id text NOT NULL,
    occurred_at timestamptz NOT NULL,
    data jsonb NOT NULL,
    sent_at timestamptz
);
CREATE INDEX signals_unsent ON billing.signals (occurred_at) WHERE sent_at IS NULL;
"""

APPEND_ONLY = """
CREATE FUNCTION billing.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'billing.% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON billing.price_books
    FOR EACH STATEMENT EXECUTE FUNCTION billing.refuse();
CREATE TRIGGER append_only
    BEFORE UPDATE OF id, account_id, month_start_at, meter, revision, price_book_version, quantity, cost_micros,
        amount_micros, written_at OR DELETE OR TRUNCATE ON billing.charges
    FOR EACH STATEMENT EXECUTE FUNCTION billing.refuse();
CREATE TRIGGER posted_once BEFORE UPDATE OF posted_at, transfer_id ON billing.charges
    FOR EACH ROW WHEN (OLD.posted_at IS NOT NULL) EXECUTE FUNCTION billing.refuse();

ALTER TABLE billing.price_books ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE billing.charges ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE billing.charges ENABLE ALWAYS TRIGGER posted_once;
"""


def upgrade() -> None:
    run_sql(TABLES)
    run_sql(APPEND_ONLY)
