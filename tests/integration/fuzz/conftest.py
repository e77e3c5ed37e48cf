"""The world of the fuzz tests: the town with a mail server, its app served over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count

import psycopg
import pytest_asyncio
import uvicorn
from fastapi import FastAPI
from psycopg import sql
from psycopg.conninfo import make_conninfo
from tests.integration.notifications.postbox import running_postbox
from tests.integration.tenancy.town import Town, opened_town

from fogbank.runtime.embedded import PostgresServer, running_nats, temporary_directory
from fogbank.runtime.http.protocol import LimitedProtocol
from fogbank.runtime.http.serve import base_url
from fogbank.runtime.ports import LOOPBACK, bound_socket

_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Served:
    """The town, and where its app listens."""

    town: Town
    url: str


@pytest_asyncio.fixture(scope="module")
async def served(postgres: PostgresServer) -> AsyncIterator[Served]:
    """Each module's own, since it has a usage store, of which one process can have one."""
    name = f"fuzzed_{next(_numbers)}"
    async with await psycopg.AsyncConnection.connect(postgres.url, autocommit=True) as connection:
        await connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    with temporary_directory() as data:
        async with running_nats(data) as nats, running_postbox() as postbox:
            queue = {"url": nats.url, "user": nats.user, "password": nats.password}
            smtp = {"host": LOOPBACK, "port": postbox.port, "tls": "none"}
            url = make_conninfo(postgres.url, dbname=name)
            async with opened_town(data, url, queue, smtp) as town, listening(town.app) as place:
                yield Served(town, place)


@asynccontextmanager
async def listening(app: FastAPI) -> AsyncIterator[str]:
    """`app`, whose background work already runs, reached over HTTP as it is in production."""
    listener = bound_socket(LOOPBACK, 0)
    config = uvicorn.Config(app, http=LimitedProtocol, ws="none", log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield base_url(listener)
    finally:
        server.should_exit = True
        await serving
