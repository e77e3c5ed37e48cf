"""A schema as an older version had it, to be upgraded."""

import psycopg
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from fogbank.runtime.migrations import HISTORIES, migrate


def migrate_to(url: str, schema: str, revision: str) -> None:
    """Make a schema of the database at `url` anew, at that version."""
    migrate(url)  # for the roles
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA {schema} CASCADE")
        connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
        connection.commit()
        config = Config()
        config.set_main_option("script_location", str(HISTORIES).replace("%", "%%"))
        config.set_main_option("path_separator", "newline")
        config.set_main_option("version_locations", str(HISTORIES / schema / "versions").replace("%", "%%"))
        config.attributes.update(connection=connection, schema=schema)
        command.upgrade(config, revision)
