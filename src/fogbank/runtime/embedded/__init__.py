"""Real servers from wheels, run as our children: PostgreSQL and NATS, on this machine only, as root and as anybody."""

from fogbank.runtime.embedded.files import temporary_directory
from fogbank.runtime.embedded.nats import NatsServer, running_nats
from fogbank.runtime.embedded.postgres import PostgresServer, running_postgres

__all__ = ["NatsServer", "PostgresServer", "running_nats", "running_postgres", "temporary_directory"]
