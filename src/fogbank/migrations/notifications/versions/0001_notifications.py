"""Notices, each person's inbox and preferences, and their e-mails on the way.

A notice is never rewritten; that it is there says that its signal was followed. Of a person's part only that it was
read is noted. An e-mail carries the notices of one person: usually one, several in a digest.
"""

from fogbank.migrations import run_sql

revision = "0001"
down_revision = None

TABLES = """
CREATE TABLE notifications.notices (
    id text PRIMARY KEY,
    event_type text NOT NULL,
    account_id text NOT NULL,
    user_id text,
    org_id text,
    instance_id text,
    title text NOT NULL,
    text text NOT NULL,
    data jsonb NOT NULL,
    occurred_at timestamptz NOT NULL,
    channels text[] NOT NULL,
    is_urgent boolean NOT NULL,
    written_at timestamptz NOT NULL
);
CREATE INDEX notices_written ON notifications.notices (written_at);

CREATE TABLE notifications.inbox (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id text NOT NULL,
    notice_id text NOT NULL REFERENCES notifications.notices ON DELETE CASCADE,
    read_at timestamptz,
    UNIQUE (person_id, notice_id)
);
CREATE INDEX inbox_person ON notifications.inbox (person_id, number);
CREATE INDEX inbox_unread ON notifications.inbox (person_id, number) WHERE read_at IS NULL;
CREATE INDEX inbox_notice ON notifications.inbox (notice_id);

CREATE TABLE notifications.preferences (
    person_id text PRIMARY KEY,
    channels jsonb NOT NULL,
    quiet_from time,
    quiet_to time,
    quiet_timezone text,
    changed_at timestamptz NOT NULL,
    CHECK (num_nulls(quiet_from, quiet_to, quiet_timezone) IN (0, 3))
);

CREATE TABLE notifications.emails (
    id text PRIMARY KEY,
    person_id text NOT NULL,
    address text NOT NULL,
    state text NOT NULL CHECK (state IN ('queued', 'sent', 'failed')),
    created_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    detail text NOT NULL DEFAULT '',
    ended_at timestamptz,
    CHECK ((state = 'queued') = (ended_at IS NULL))
);
CREATE INDEX emails_due ON notifications.emails (due_at) WHERE state = 'queued';
CREATE INDEX emails_person ON notifications.emails (person_id, ended_at);
CREATE INDEX emails_created ON notifications.emails (created_at);

CREATE TABLE notifications.deliveries (
    notice_id text NOT NULL REFERENCES notifications.notices ON DELETE CASCADE,
    person_id text NOT NULL,
    address text NOT NULL,
    state text NOT NULL CHECK (state IN ('queued', 'held', 'unsent')),
    due_at timestamptz NOT NULL,
    email_id text REFERENCES notifications.emails,
    PRIMARY KEY (notice_id, person_id)
);
CREATE INDEX deliveries_due ON notifications.deliveries (due_at) WHERE email_id IS NULL AND state <> 'unsent';
CREATE INDEX deliveries_held ON notifications.deliveries (person_id) WHERE email_id IS NULL AND state = 'held';
CREATE INDEX deliveries_email ON notifications.deliveries (email_id);
"""


def upgrade() -> None:
    run_sql(TABLES)
