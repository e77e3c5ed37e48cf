"""Single deductions over HTTP, as a service asks for them: `fogbank run accounts` as it is, and a crowd of connections.

Counted is what the serving process takes of a core; PostgreSQL and the crowd, which is in this process, work beside it.
"""

import asyncio
import os
import sys
import time
from asyncio import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from fogbank.accounts.client import ServiceToken
from fogbank.benchmarks.http_crowd import Crowd
from fogbank.runtime.clock import now_utc
from fogbank.runtime.failures import ServerFailed
from fogbank.runtime.ports import free_port
from fogbank.runtime.secret_files import service_secret
from fogbank.runtime.settings_sources import PREFIX

READY_SECONDS = 60.0
STOP_SECONDS = 30.0
HOST = "127.0.0.1"
WARM_UP_REQUESTS = 500


@dataclass(frozen=True, slots=True)
class Serving:
    """The process that serves."""

    pid: int
    port: int
    token: str

    def cpu_seconds(self) -> float:
        times = psutil.Process(self.pid).cpu_times()
        return float(times.user + times.system)


async def measure_http(
    data_dir: Path, postgres_url: str, *, requests: int, clients: int, accounts: int
) -> dict[str, object]:
    """`per_second` is requests a second per core of CPU of the serving process, whatever else the machine does."""
    async with _serving(data_dir, postgres_url) as serving:
        crowd = Crowd(HOST, serving.port, [_request(serving, turn, accounts) for turn in range(requests)])
        warm = Crowd(HOST, serving.port, [_request(serving, -turn - 1, accounts) for turn in range(WARM_UP_REQUESTS)])
        await warm.ask(clients)
        began, used = time.perf_counter(), serving.cpu_seconds()
        await crowd.ask(clients)
        cpu_seconds, seconds = serving.cpu_seconds() - used, time.perf_counter() - began
    return {
        "per_second": round(requests / cpu_seconds),
        "wall_per_second": round(requests / seconds),
        "cpu_us": round(cpu_seconds / requests * 1e6),
        "p50_ms": crowd.percentile_ms(50),
        "p99_ms": crowd.percentile_ms(99),
    }


def _request(serving: Serving, turn: int, accounts: int) -> bytes:
    body = b'{"amount":"0.%06d","description":"load"}' % (1 + turn % 999)
    head = (
        f"POST /api/v1/accounts/org_{turn * 7 % accounts}/deduct HTTP/1.1\r\nhost: {HOST}\r\n"
        f"authorization: Bearer {serving.token}\r\nidempotency-key: http-{turn}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@asynccontextmanager
async def _serving(data_dir: Path, postgres_url: str) -> AsyncIterator[Serving]:
    port, (ready, told) = free_port(), os.pipe()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    process = await subprocess.create_subprocess_exec(
        *[sys.executable, "-m", "fogbank", "run", "accounts", "--data", str(data_dir)],
        *["--host", HOST, "--port", str(port), "--ready-fd", str(told)],
        env={**environment, f"{PREFIX}POSTGRES_URL": postgres_url},
        pass_fds=[told],
        stderr=subprocess.DEVNULL,
    )
    os.close(told)
    try:
        await _read(ready)
        yield Serving(process.pid, port, await _token(data_dir, port))
    finally:
        os.close(ready)
        if process.returncode is None:
            process.terminate()
        async with asyncio.timeout(STOP_SECONDS):
            await process.wait()


async def _read(ready: int) -> None:
    async with asyncio.timeout(READY_SECONDS):
        if not await asyncio.to_thread(os.read, ready, 1):
            raise ServerFailed("`fogbank run accounts` did not start.")


async def _token(data_dir: Path, port: int) -> str:
    async with httpx.AsyncClient(base_url=f"http://{HOST}:{port}") as http:
        return await ServiceToken(http, "billing", service_secret(data_dir / "secrets", "billing"), now_utc)()
