"""What waited to be told of second factors before it waited with all other letters is told after the upgrade."""

import asyncio
from pathlib import Path

import psycopg
from tests.integration.accounts.signing_in.conftest import a_world
from tests.integration.notifications.postbox import Postbox
from tests.integration.upgrading import migrate_to

from fogbank.accounts.signing_in.opening import SignInTerms
from fogbank.runtime.database import Database
from fogbank.runtime.embedded import PostgresServer
from fogbank.runtime.migrations import migrate


async def test_what_waited_in_another_table_is_told_once(
    postgres: PostgresServer, postbox: Postbox, tmp_path: Path
) -> None:
    async with await psycopg.AsyncConnection.connect(postgres.url, autocommit=True) as connection:
        await connection.execute("CREATE DATABASE letters_upgrade")
    url = postgres.url_of("letters_upgrade")
    await asyncio.to_thread(migrate_to, url, "accounts", "0012")
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute(
            "INSERT INTO accounts.users (id, email, name, created_at)"
            " VALUES ('user_1', 'waits@mail.example', 'Ann', now())"
        )
        await connection.execute(
            "INSERT INTO accounts.factor_notices (id, user_id, text, at)"
            " VALUES ('notice_1', 'user_1', 'First “one”.', now()), ('notice_2', 'user_1', 'Then another.', now())"
        )
    await asyncio.to_thread(migrate, url)
    async with Database.open(url) as database, a_world(database, postbox, tmp_path, SignInTerms()) as world:
        await world.delivered()
        await world.delivered()
        assert await world.letters() == 0
    bodies = [email.get_body(("plain",)) for email in postbox.came["waits@mail.example"]]
    texts = [body.get_content() for body in bodies if body is not None]
    assert ["First “one”." in text for text in texts] == [True, False]
    assert ["Then another." in text for text in texts] == [False, True]
