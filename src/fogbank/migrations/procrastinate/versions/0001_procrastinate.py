"""The tables of the durable jobs, by procrastinate's own migrations up to its schema 3.4.

A later schema is a later version here, which runs the files that came after `LAST`; a test says when it is due.
"""

from pathlib import Path

from procrastinate.schema import SchemaManager

from fogbank.migrations import run_sql

revision = "0001"
down_revision = None

LAST = "03.04.00_50_post_add_retry_failed_job_procedure.sql"


def upgrade() -> None:
    # Its functions name its tables without a schema, so whoever calls them must have the same search path.
    run_sql("SET LOCAL search_path TO procrastinate")
    for file in sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql")):
        if file.name <= LAST:
            run_sql(file.read_text(encoding="utf-8"))
