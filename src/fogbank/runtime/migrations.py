"""Migrations: bring every schema of a database to the newest version, from a checkout and from a wheel alike.

Each schema has a history of its own and keeps its version table inside itself. Processes that start together may all
call `migrate`: an advisory lock lets one do the work, and the others find it done.
"""

from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.pool import NullPool

import fogbank.migrations
from fogbank.migrations.roles import MAKE_ROLES
from fogbank.runtime.roles import RolesDenied

SCHEMAS = ("accounts", "ledger", "billing", "compute", "notifications", "http", "procrastinate")
"""In this order, since later ones may refer to earlier ones; one that has no history yet is passed over."""

ADVISORY_LOCK = 0x0F06_BA9C
"""Any number that nobody else takes a lock on."""

HISTORIES = Path(fogbank.migrations.__file__).parent


def migrate(url: str) -> None:
    """Bring all schemas of the database at `url` to their newest version. Blocks; safe to repeat and to run at once.

    `RolesDenied` where the login may neither make the roles that row-level security holds for nor take them.
    """
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"SELECT pg_advisory_lock({ADVISORY_LOCK})")
        _make_roles(connection)
        for schema in SCHEMAS:
            if any(_versions(schema).glob("*.py")):
                _upgrade(connection, schema)


def _make_roles(connection: Connection) -> None:
    try:
        connection.exec_driver_sql(MAKE_ROLES, execution_options={"no_parameters": True})
    except ProgrammingError as error:
        if not isinstance(error.orig, psycopg.errors.InsufficientPrivilege):
            raise
        connection.rollback()
        raise RolesDenied(str(connection.exec_driver_sql("SELECT current_user").scalar())) from error
    connection.commit()


def _upgrade(connection: Connection, schema: str) -> None:
    connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    connection.commit()
    config = Config()
    config.set_main_option("script_location", str(HISTORIES).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", str(_versions(schema)).replace("%", "%%"))
    config.attributes.update(connection=connection, schema=schema)
    command.upgrade(config, "head")


def _versions(schema: str) -> Path:
    return HISTORIES / schema / "versions"
