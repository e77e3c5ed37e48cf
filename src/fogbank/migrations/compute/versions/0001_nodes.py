"""Nodes, their keys, what is on them since when, and the one-time tokens that nodes register with."""

from fogbank.migrations import run_sql

revision = "0001"
down_revision = None

# `change` numbers what happened to all nodes in the order of commits, and is that of a node's last change: a writer
# holds one lock and takes the next number, so who follows the numbers misses nothing.
NODES = """
CREATE TABLE compute.nodes (
    id text COLLATE "C" PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9_.:-]{1,128}$'),
    operator_id text NOT NULL,
    is_self_placing boolean NOT NULL,
    registered_at timestamptz NOT NULL,
    revoked_at timestamptz,
    revoke_reason text,
    change bigint NOT NULL UNIQUE CHECK (change > 0),
    CHECK ((revoked_at IS NULL) = (revoke_reason IS NULL))
);
CREATE INDEX nodes_operator ON compute.nodes (operator_id, id);

CREATE TABLE compute.node_keys (
    id text PRIMARY KEY,
    node_id text COLLATE "C" NOT NULL REFERENCES compute.nodes (id),
    public_key text NOT NULL UNIQUE,
    valid_from timestamptz NOT NULL,
    valid_until timestamptz,
    CHECK (valid_until IS NULL OR valid_until >= valid_from)
);
CREATE INDEX node_keys_node ON compute.node_keys (node_id, valid_from);

CREATE TABLE compute.registration_tokens (
    digest bytea PRIMARY KEY,
    node_id text,
    operator_id text NOT NULL,
    is_self_placing boolean NOT NULL,
    made_by text NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    used_by text REFERENCES compute.node_keys (id),
    CHECK ((used_at IS NULL) = (used_by IS NULL))
);
"""

# A range over ids makes "the same instance" something that an exclusion constraint can say without any extension.
PLACEMENTS = """
CREATE TYPE compute.id_range AS RANGE (subtype = text, collation = "C");

CREATE TABLE compute.placements (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    instance_id text COLLATE "C" NOT NULL,
    node_id text COLLATE "C" NOT NULL REFERENCES compute.nodes (id),
    user_id text NOT NULL,
    org_id text,
    tier text NOT NULL,
    is_self_placed boolean NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz,
    recorded_at timestamptz NOT NULL,
    ended_at timestamptz,
    CHECK (until >= since),
    CHECK ((until IS NULL) = (ended_at IS NULL)),
    CONSTRAINT on_one_node_at_a_time EXCLUDE USING gist (
        compute.id_range(instance_id, instance_id, '[]') WITH &&,
        tstzrange(since, until) WITH &&
    )
);
CREATE UNIQUE INDEX placements_open ON compute.placements (instance_id) WHERE until IS NULL;
CREATE INDEX placements_node ON compute.placements (node_id, id);
CREATE INDEX placements_instance ON compute.placements (instance_id, id);
CREATE INDEX placements_payer ON compute.placements ((coalesce(org_id, user_id)), id);

CREATE FUNCTION compute.keep_placements() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.until IS NULL AND NEW.until IS NOT NULL
        AND to_jsonb(NEW) - '{until,ended_at}'::text[] = to_jsonb(OLD) - '{until,ended_at}'::text[] THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a placement is ended once, and nothing else about it changes: % is refused', TG_OP
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER keep_placements BEFORE UPDATE OR DELETE ON compute.placements
    FOR EACH ROW EXECUTE FUNCTION compute.keep_placements();
ALTER TABLE compute.placements ENABLE ALWAYS TRIGGER keep_placements;
"""

# What each node was last told, so that it is told again only when something changed.
CONFIGURATIONS = """
CREATE TABLE compute.node_configurations (
    node_id text COLLATE "C" PRIMARY KEY REFERENCES compute.nodes (id),
    revision bigint NOT NULL CHECK (revision > 0),
    digest bytea NOT NULL
);
"""


def upgrade() -> None:
    run_sql(NODES + PLACEMENTS + CONFIGURATIONS)
