"""What people are told about their second factors waits with all other e-mails."""

from fogbank.migrations import run_sql

revision = "0013"
down_revision = "0012"

# What waits is moved as it is, and sent as soon as accounts start: the sealing keys are not the database's.
MOVE = """
ALTER TABLE accounts.letters ALTER COLUMN key_id DROP NOT NULL;

INSERT INTO accounts.letters (id, sealed, written_at)
SELECT notice.id,
    convert_to(
        jsonb_build_object(
            'address', person.email, 'kind', 'security_notice', 'data', jsonb_build_object('text', notice.text)
        )::text,
        'UTF8'
    ),
    notice.at
FROM accounts.factor_notices AS notice JOIN accounts.users AS person ON person.id = notice.user_id
ORDER BY notice.number;

DROP TABLE accounts.factor_notices;
"""


def upgrade() -> None:
    run_sql(MOVE)
