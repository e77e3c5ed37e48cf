"""Durable jobs are run by the system role too: it owns none of their tables, and truncates none."""

from fogbank.migrations import run_sql
from fogbank.runtime.tenancy import SYSTEM_ROLE

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    run_sql(f"""
        GRANT USAGE ON SCHEMA procrastinate TO {SYSTEM_ROLE};
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA procrastinate TO {SYSTEM_ROLE};
        REVOKE INSERT, UPDATE, DELETE ON procrastinate.alembic_version FROM {SYSTEM_ROLE};
        GRANT USAGE ON ALL SEQUENCES IN SCHEMA procrastinate TO {SYSTEM_ROLE};
    """)
