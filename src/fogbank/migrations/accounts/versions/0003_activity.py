"""The activity log: append-only for everybody, as the ledger is, and chained by hashes."""

from fogbank.migrations import run_sql

revision = "0003"
down_revision = "0002"

# Numbers are given by the writer, without gaps, so that an entry that is taken out is missed.
ACTIVITY = """
CREATE TABLE accounts.activity (
    number bigint PRIMARY KEY CHECK (number > 0),
    at timestamptz NOT NULL,
    id text NOT NULL UNIQUE,
    actor_id text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    reason text NOT NULL,
    before jsonb,
    after jsonb,
    previous_hash bytea NOT NULL,
    hash bytea NOT NULL
);
CREATE INDEX activity_subject ON accounts.activity (subject, number);
CREATE INDEX activity_actor ON accounts.activity (actor_id, number);
CREATE INDEX activity_action ON accounts.activity (action, number);

CREATE FUNCTION accounts.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'accounts.% is append-only: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON accounts.activity
    FOR EACH STATEMENT EXECUTE FUNCTION accounts.refuse();
ALTER TABLE accounts.activity ENABLE ALWAYS TRIGGER append_only;
"""


def upgrade() -> None:
    run_sql(ACTIVITY)
