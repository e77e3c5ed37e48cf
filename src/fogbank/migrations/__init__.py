"""PostgreSQL's schemas: one history of raw SQL each, in `<schema>/versions/NNNN_*.py`.

A version file is an alembic revision whose `upgrade()` calls `run_sql`. There is no way down: a mistake is mended by
the next version, because a ledger cannot be unwritten.
"""

from alembic import op


def run_sql(statements: str) -> None:
    """Run raw SQL as it stands, one statement or many; `%`, `:` and `$$` need no escape."""
    op.get_bind().execution_options(no_parameters=True).exec_driver_sql(statements)
