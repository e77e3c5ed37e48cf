"""How much CPU it takes to find out who calls, warm: keys and tokens that were met before, thousands of each in turn.

The authenticator is the one that routes use, on a real PostgreSQL with real users and keys, and what it is given are a
request's headers. Each key and token is met once to warm it, and then again in an order of its own for each round, so
that no small memory of the last few flatters the figure. The median round counts; it includes hashing the credential,
the look whether anything was revoked, and noting the use of a key. Asking the database is not part of it, and that it
did not happen is checked.
"""

import asyncio
import random
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from statistics import median

from starlette.datastructures import Headers

from fogbank.accounts.machines import key_store, secret_store
from fogbank.accounts.machines.changes import Changes
from fogbank.accounts.machines.lookup import KeyLookup
from fogbank.accounts.machines.model import ApiKey
from fogbank.accounts.model import Status, User
from fogbank.accounts.opaque import digest
from fogbank.accounts.people import store as people_store
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.clock import now_utc
from fogbank.runtime.credentials.authenticator import HeaderAuthenticator, KeyFacts
from fogbank.runtime.credentials.following import Follower
from fogbank.runtime.credentials.key_file import KeyFile
from fogbank.runtime.credentials.key_format import new_key
from fogbank.runtime.database import Database
from fogbank.runtime.embedded import running_postgres, temporary_directory
from fogbank.runtime.entropy import system_entropy
from fogbank.runtime.migrations import migrate

ROUNDS = 7
MICROSECONDS = 1e6
AUDIENCE = frozenset({"accounts"})
ALL_SCOPES = frozenset({"*"})


class Counted:
    """Looks keys up, and knows how often it was asked."""

    def __init__(self, lookup: KeyLookup) -> None:
        self.lookup = lookup
        self.asked = 0

    async def __call__(self, api_key: str) -> KeyFacts | None:
        self.asked += 1
        return await self.lookup.facts(api_key)


async def run(*, credentials: int = 10_000) -> dict[str, object]:
    """Check as many keys and as many tokens, several times over."""
    with temporary_directory() as data_dir:
        async with running_postgres(data_dir) as server:
            await asyncio.to_thread(migrate, server.url)
            async with Database.open(server.url) as database:
                return await _measured(database, data_dir / "signing-keys.json", credentials)


async def _measured(database: Database, path: Path, credentials: int) -> dict[str, object]:
    lookup, signing = Counted(KeyLookup(database, now_utc)), KeyFile(path, now_utc)
    authenticator = HeaderAuthenticator(AUDIENCE, signing, lookup, Follower(Changes(database, now_utc).after), now_utc)
    keys = [_shown(key) for key in await _keys(database, credentials)]
    tokens = [_shown(token) for token in _tokens(signing, credentials)]
    key_us, key_cold_us = await _warm(authenticator, keys)
    token_us, token_cold_us = await _warm(authenticator, tokens)
    return {
        "credentials": credentials,
        "rounds": ROUNDS,
        "key_us": key_us,
        "token_us": token_us,
        "key_cold_us": key_cold_us,
        "token_cold_us": token_cold_us,
        "looked_up_once_each": lookup.asked == credentials,
    }


async def _warm(authenticator: HeaderAuthenticator, shown: Sequence[Headers]) -> tuple[float, float]:
    """CPU microseconds of this process for each check: met before, and met for the first time."""
    cold_us = await _timed(authenticator, shown)
    dice = random.Random(0)  # noqa: S311 (an order, not a secret)
    rounds = [await _timed(authenticator, dice.sample(shown, len(shown))) for _ in range(ROUNDS)]
    return round(median(rounds), 2), round(cold_us, 2)


async def _timed(authenticator: HeaderAuthenticator, shown: Sequence[Headers]) -> float:
    started = time.process_time()
    for headers in shown:
        await authenticator.authenticate(headers)
    return (time.process_time() - started) / len(shown) * MICROSECONDS


def _shown(credential: str) -> Headers:
    """The headers of a request, as a server hands them over."""
    return Headers(
        raw=[
            (b"host", b"127.0.0.1:8080"),
            (b"user-agent", b"fogbank-bench"),
            (b"accept", b"*/*"),
            (b"authorization", f"Bearer {credential}".encode()),
        ]
    )


async def _keys(database: Database, credentials: int) -> list[str]:
    """As many keys, each of a user of its own."""
    now = now_utc()
    secrets = [new_key(system_entropy) for _ in range(credentials)]
    async with database.transaction() as tx:
        for number, secret in enumerate(secrets):
            await people_store.insert_user_once(tx, _user(number, now))
            key = ApiKey(f"key_{number}", f"user_{number}", None, "bench", ALL_SCOPES, (), now, None)
            await key_store.insert_key(tx, key)
            await secret_store.insert(tx, key.id, digest(secret), secret[-4:], now)
    return secrets


def _user(number: int, now: datetime) -> User:
    return User(f"user_{number}", f"user{number}@example.org", "Somebody", False, Status.ACTIVE, now)


def _tokens(signing: KeyFile, credentials: int) -> list[str]:
    """As many tokens, each of a user of its own with a session and an organisation."""
    callers = (
        Caller(
            f"user_{number}",
            CallerKind.USER,
            {f"org_{number}": "owner"},
            session_id=f"session_{number}",
            address="192.0.2.7",
        )
        for number in range(credentials)
    )
    return [signing.sign(caller, AUDIENCE, as_of=0).access_token for caller in callers]
