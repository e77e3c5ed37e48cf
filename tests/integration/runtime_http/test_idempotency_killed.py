"""A process that is killed between its act and its answer: the act is not done again, and who asks is told so."""

import asyncio
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from fogbank.runtime.database import Database

SERVER = """
import asyncio, sys
from datetime import timedelta
from pathlib import Path
from fastapi import APIRouter
from fogbank.runtime.clock import now_utc
from fogbank.runtime.component import Component, Health
from fogbank.runtime.database import Database
from fogbank.runtime.entropy import system_entropy
from fogbank.runtime.http.app import create_app
from fogbank.runtime.http.guards import Guards
from fogbank.runtime.http.idempotency import Keeping
from fogbank.runtime.http.serve import serve
from fogbank.runtime.sealing import SealingKeys

class Hanging(Keeping):
    # What the disk does when it takes for ever: the act is committed by now, the answer is not kept.
    async def keep(self, record, parameters, answer):
        print("committed", flush=True)
        await asyncio.Event().wait()

async def main(url, secrets, keeping):
    async with Database.open(url, connections_max=4) as database:
        router = APIRouter()

        @router.post("/api/v1/acts", status_code=201)
        async def act() -> str:
            async with database.transaction() as tx:
                await tx.execute("INSERT INTO acts VALUES (gen_random_uuid())")
            return "done"

        kept = (Hanging if keeping == "hanging" else Keeping)(
            database, SealingKeys.of(Path(secrets), system_entropy), now_utc, system_entropy
        )
        app = create_app(title="Acts", components=[Component("acts", Health(now_utc), routers=[router])],
            authenticator=None, clock=now_utc, keeping=kept, guards=Guards(request_seconds_max=30))
        await serve(app, on_ready=lambda url: print(url, flush=True))

asyncio.run(main(*sys.argv[1:]))
"""


async def started(postgres_url: str, secrets: Path, keeping: str) -> tuple[asyncio.subprocess.Process, str]:
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SERVER, postgres_url, str(secrets), keeping, stdout=asyncio.subprocess.PIPE
    )
    assert server.stdout is not None
    while not (line := (await server.stdout.readline()).decode()).startswith("http"):
        assert line, "the server did not start"
    return server, line.strip()


async def until(server: asyncio.subprocess.Process, said: str) -> None:
    assert server.stdout is not None
    while said not in (line := (await server.stdout.readline()).decode()):
        assert line, f"the server did not say {said}"


async def test_kill_nine_between_the_act_and_its_answer_never_does_it_twice(
    database: Database, postgres_url: str, tmp_path: Path
) -> None:
    async with database.connection() as connection:
        await connection.execute("RESET ROLE")
        await connection.execute("CREATE TABLE IF NOT EXISTS acts (id uuid PRIMARY KEY)")
        await connection.execute("GRANT ALL ON acts TO fogbank_system")
        await connection.execute("TRUNCATE acts")
        await connection.execute("SET ROLE fogbank_system")
    headers = {"idempotency-key": f"killed-{os.urandom(8).hex()}"}
    killed, url = await started(postgres_url, tmp_path, "hanging")
    async with httpx.AsyncClient() as http:
        asking = asyncio.create_task(http.post(f"{url}/api/v1/acts", headers=headers))
        await until(killed, "committed")
        killed.send_signal(signal.SIGKILL)
        await killed.wait()
        with pytest.raises(httpx.TransportError):
            await asking
    again, url = await started(postgres_url, tmp_path, "whole")
    try:
        async with httpx.AsyncClient(timeout=30) as http:
            early = await http.post(f"{url}/api/v1/acts", headers=headers)
            assert (early.status_code, early.json()["type"]) == (409, "urn:fogbank:problem:request-in-progress")
            async with database.connection() as connection:  # as if it were a while later
                earlier = "UPDATE http.idempotency SET claimed_at = claimed_at - %s"
                await connection.execute(earlier, [timedelta(minutes=5)])
            late = await http.post(f"{url}/api/v1/acts", headers=headers)
            assert (late.status_code, late.json()["type"]) == (409, "urn:fogbank:problem:answer-lost")
            fresh = await http.post(f"{url}/api/v1/acts", headers={"idempotency-key": f"another-{os.urandom(8).hex()}"})
            assert fresh.status_code == 201
    finally:
        again.terminate()
        await again.wait()
    async with database.connection() as connection:
        [(acts,)] = await (await connection.execute("SELECT count(*) FROM acts")).fetchall()
    assert acts == 2
