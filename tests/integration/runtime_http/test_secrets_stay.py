"""Nothing secret leaves where it belongs: not into logs, not in plain text into the database, not into errors."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import psycopg
from psycopg.sql import SQL, Identifier

from fogbank.runtime.embedded import NatsServer
from fogbank.runtime.ports import bound_socket

SERVICES = ("accounts", "queue", "compute", "billing", "notifications", "portal")
SHORT = 12
"""What is shorter is no secret, and may well stand somewhere by chance."""

TABLES = """
    SELECT table_schema, table_name FROM information_schema.tables
    WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')
"""


@asynccontextmanager
async def running(url: str, nats: NatsServer, data: Path, log: Path) -> AsyncIterator[str]:
    """All services as one real process, which logs all it can; its URL."""
    listener, (ready, told) = bound_socket("127.0.0.1", 0), os.pipe()
    here = f"http://127.0.0.1:{listener.getsockname()[1]}"
    environment = {
        **os.environ,
        "FOGBANK_DATA": str(data),
        "FOGBANK_POSTGRES_URL": url,
        "FOGBANK_QUEUE_URL": nats.url,
        "FOGBANK_QUEUE_USER": nats.user,
        "FOGBANK_QUEUE_PASSWORD": nats.password,
        "FOGBANK_USAGE_URL": "http://127.0.0.1:9",
        "FOGBANK_SERVICES_URL": here,
        "FOGBANK_LOG_LEVEL": "debug",
    }
    command = ("-m", "fogbank", "run", *SERVICES, "--listen-fd", str(listener.fileno()), "--ready-fd", str(told))
    with log.open("wb") as file:
        process = await asyncio.create_subprocess_exec(
            sys.executable, *command, env=environment, stdout=file, stderr=file, pass_fds=(listener.fileno(), told)
        )
    os.close(told)
    listener.close()
    assert await asyncio.to_thread(os.read, ready, 1), "it did not start"
    os.close(ready)
    try:
        yield here
    finally:
        process.terminate()
        await process.wait()


class Driver:
    """Asks, and remembers what is secret and what was answered to what is wrong."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.secrets: set[str] = set()
        self.errors: list[str] = []

    def secret(self, text: str) -> str:
        self.secrets.add(text)
        return text

    async def ask(self, method: str, path: str, token: str = "", **more: Any) -> dict[str, Any]:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        headers |= {"idempotency-key": str(uuid4())} if method == "POST" else {}
        answer = await self.http.request(method, path, headers=headers, **more)
        if answer.is_error:
            self.errors.append(answer.text)
        return dict(answer.json()) if answer.content else {}

    async def made(self, path: str, token: str, body: object) -> dict[str, Any]:
        said = await self.ask("POST", path, token, json=body)
        assert "status" not in said or not isinstance(said["status"], int), said
        return said


async def signed_in(driver: Driver, data: Path) -> tuple[str, str]:
    """Set up, and signed in by link and by password; the token of a person and of a service."""
    own = driver.secret((data / "secrets" / "service-cli").read_text().strip())
    grant = {"grant_type": "client_credentials", "client_id": "cli", "client_secret": own}
    service = driver.secret((await driver.made("/api/v1/auth/token", "", grant))["access_token"])
    body = {"organization_name": "Home", "instance_id": f"i-{uuid4().hex[:8]}", "instance_name": "here"}
    body["email"] = f"{uuid4().hex[:8]}@example.org"
    setup = await driver.made("/api/v1/setup", service, body)
    link, password = driver.secret(setup["sign_in_token"]), setup["password"]
    session = (await driver.made("/api/v1/auth/sessions:link", "", {"token": link}))["session_token"]
    if password:
        driver.secret(password)
        credentials = {"email": body["email"], "password": password}
        session = (await driver.made("/api/v1/auth/sessions", "", credentials))["session_token"]
    grant = {"grant_type": "session", "session_token": driver.secret(session)}
    return driver.secret((await driver.made("/api/v1/auth/token", "", grant))["access_token"]), service


async def drive(driver: Driver, data: Path) -> None:
    """Every kind of secret, made and shown, rightly and wrongly."""
    person, service = await signed_in(driver, data)
    key = driver.secret((await driver.made("/api/v1/api-keys", person, {"name": "k", "scopes": ["*"]}))["api_key"])
    await driver.made("/api/v1/auth/api-keys:introspect", service, {"api_key": key})
    await driver.http.get("/api/v1/users/me", headers={"x-api-key": key})
    hook = {"url": "https://example.org/hook", "event_types": ["balance_low"]}
    driver.secret((await driver.made("/api/v1/webhooks", person, hook))["secret"])
    totp = await driver.made("/api/v1/users/me/totp", person, {})
    driver.secret(str(totp["secret"]))
    await wrongly(driver, person)


async def wrongly(driver: Driver, person: str) -> None:
    wrong = driver.secret(f"wrong-{uuid4().hex}")
    await driver.ask("POST", "/api/v1/auth/sessions", json={"email": "a@example.org", "password": wrong})
    await driver.ask("POST", "/api/v1/auth/sessions", json={"email": 7, "password": [wrong]})
    await driver.ask("POST", "/api/v1/auth/sessions", content=f'{{"password": "{wrong}" oops')
    await driver.ask("POST", "/api/v1/auth/sessions:link", json={"token": wrong, "other": wrong})
    await driver.ask("POST", "/api/v1/auth/token", json={"grant_type": "session", "session_token": wrong})
    await driver.ask("POST", "/api/v1/users/me/totp:confirm", person, json={"code": wrong})
    await driver.ask("GET", "/api/v1/users/me", wrong)
    await driver.ask("GET", "/api/v1/users/me", f"fb_live_{wrong}")
    await driver.ask("GET", f"/api/v1/instances?limit={wrong}&token={wrong}", person)


async def rows_of(url: str) -> AsyncIterator[str]:
    """Every row of every table as text."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        for schema, table in await (await connection.execute(TABLES)).fetchall():
            select = SQL("SELECT t::text FROM {} AS t").format(Identifier(schema, table))
            async for (row,) in await connection.execute(select):
                yield f"{schema}.{table}: {row}"


def private_parts(data: Path) -> set[str]:
    """What is secret in the directory of secrets: whole files, and the private texts in those that are JSON."""
    found: set[str] = set()
    for file in (data / "secrets").iterdir():
        text = file.read_text().strip()
        found.add(text)
        if text.startswith(("[", "{")):
            found |= set(_private_texts(msgspec.json.decode(text)))
    return {each for each in found if len(each) > SHORT}


def _private_texts(read: Any) -> list[str]:
    if isinstance(read, list):
        return [text for each in read for text in _private_texts(each)]
    if not isinstance(read, dict):
        return []
    own = [value for name, value in read.items() if name in {"d", "k", "key", "secret", "services"}]
    return [text for text in own if isinstance(text, str)] + [t for v in read.values() for t in _private_texts(v)]


async def test_no_secret_is_in_logs_in_plain_text_in_the_database_or_in_errors(
    postgres_url: str, nats: NatsServer, tmp_path: Path
) -> None:
    data, log = tmp_path / "data", tmp_path / "log"
    data.mkdir()
    password = f"dbpass-{uuid4().hex}"
    url = postgres_url.replace("fogbank@", f"fogbank:{password}@", 1)
    async with running(url, nats, data, log) as here, httpx.AsyncClient(base_url=here, timeout=30) as http:
        driver = Driver(http)
        await drive(driver, data)
    logged = log.read_text(errors="replace")
    assert "path=/api/v1/auth/sessions" in logged  # it did log
    hidden = {each for each in driver.secrets if len(each) > SHORT}
    hidden |= private_parts(data) | {password, nats.password}
    assert len(hidden) > len(driver.secrets)
    assert [each[:8] for each in hidden if each in logged] == []
    assert [each[:8] for each in hidden if any(each in error for error in driver.errors)] == []
    assert len(driver.errors) >= len(("sign-in", "token", "key", "code", "query"))
    in_hex = {each: each.encode().hex() for each in hidden}
    leaked = [
        (each[:8], row.split(":")[0])
        async for row in rows_of(postgres_url)
        for each, hexed in in_hex.items()
        if each in row or hexed in row
    ]
    assert leaked == []
