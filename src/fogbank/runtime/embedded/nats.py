"""An embedded NATS JetStream: on loopback, every acknowledged message on disk, nodes known by their keys."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from fogbank.runtime.embedded.binaries import nats_program
from fogbank.runtime.embedded.files import write_private
from fogbank.runtime.embedded.nats_probe import until_accepts
from fogbank.runtime.failures import ServerFailed, reason_in
from fogbank.runtime.ports import LOOPBACK, free_port, require_free
from fogbank.runtime.process import Command, Process, end_left_over, launch
from fogbank.runtime.queue_credentials import SERVICES_ACCOUNT, SERVICES_USER, Credentials, access, render_config
from fogbank.runtime.queue_secrets import queue_secrets

START_PATIENCE_SECONDS = 60.0
PAYLOAD_BYTES_MAX = 8 * 1024 * 1024


@dataclass(slots=True)
class NatsServer:
    """A NATS in `data_dir`/nats. Its port is chosen at the first start and stays, so that clients find it again."""

    data_dir: Path
    port: int
    is_open: bool = False
    name: str = "nats"
    user: str = SERVICES_USER
    process: Process | None = field(default=None)

    @classmethod
    def at(cls, data_dir: Path, port: int | None = None, *, is_open: bool = False) -> "NatsServer":
        """The NATS of `data_dir`, on `port`, or on a free one; on loopback, unless it `is_open` to other machines."""
        return cls(data_dir.absolute(), port or free_port(), is_open)

    @property
    def url(self) -> str:
        return f"nats://{LOOPBACK}:{self.port}"

    @property
    def password(self) -> str:
        """The password of the services' user."""
        return self._credentials().services

    async def start(self) -> Process:
        """Start it and wait until it serves JetStream."""
        self._write_config(self._credentials())
        await end_left_over(self._pid_path)
        self._take_over_streams()
        require_free(LOOPBACK, self.port)
        self.process = await launch(self._command())
        try:
            async with asyncio.timeout(START_PATIENCE_SECONDS):
                await self._ready(self.process)
        except BaseException as error:
            await self.process.stop()
            if isinstance(error, TimeoutError):
                raise ServerFailed(f"NATS was not ready after {START_PATIENCE_SECONDS:.0f} s.") from None
            raise
        return self.process

    async def stop(self) -> None:
        """A clean shutdown: what is stored is closed and synced."""
        if self.process is not None:
            await self.process.stop()

    @property
    def _directory(self) -> Path:
        return self.data_dir / "nats"

    @property
    def _secrets_path(self) -> Path:
        return self.data_dir / "secrets" / "queue.json"

    @property
    def _config_path(self) -> Path:
        return self._directory / "nats.conf"

    @property
    def _pid_path(self) -> Path:
        return self.data_dir / "run" / "nats.pid"

    def _credentials(self) -> Credentials:
        if self._secrets_path.exists():
            return Credentials.decode(self._secrets_path.read_text())
        self._secrets_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        credentials = Credentials(services=secrets.token_urlsafe(24))
        write_private(self._secrets_path, credentials.encode())
        return credentials

    def _write_config(self, credentials: Credentials) -> None:
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        settings: dict[str, object] = {
            "host": "0.0.0.0" if self.is_open else LOOPBACK,
            "port": self.port,
            "server_name": "fogbank",
            "max_payload": PAYLOAD_BYTES_MAX,
            "max_pending": 64 * 1024 * 1024,
            # "always": with the default, a power cut lost 61 % of what had been acknowledged.
            "jetstream": {"store_dir": str(self._directory), "sync_interval": "always"},
        }
        ours = queue_secrets(self._secrets_path.parent)
        allowed = access(credentials.services, ours.system_password, ours.issuer)
        write_private(self._config_path, render_config(settings, allowed))

    def _take_over_streams(self) -> None:
        """Streams from before nodes had an account of their own are in the one that a NATS has by itself."""
        before, now = (self._directory / "jetstream" / account for account in ("$G", SERVICES_ACCOUNT))
        if before.is_dir() and not now.exists():
            before.rename(now)

    def _command(self) -> Command:
        return Command(
            name=self.name,
            arguments=[str(nats_program()), "-c", str(self._config_path)],
            log_path=self.data_dir / "logs" / "nats.log",
            pid_path=self._pid_path,
            environment={},
            stop_patience_seconds=30.0,
        )

    async def _ready(self, process: Process) -> None:
        ready = asyncio.create_task(until_accepts(self.port, self.user, self.password))
        ended = asyncio.create_task(process.wait())
        try:
            await asyncio.wait({ready, ended}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ready.cancel()
            ended.cancel()
        if not process.is_running:
            raise ServerFailed(f"NATS did not start: {reason_in(process.log_since_start())}.")


@asynccontextmanager
async def running_nats(data_dir: Path, port: int | None = None) -> AsyncIterator[NatsServer]:
    """A ready NATS in `data_dir`, stopped cleanly at the end."""
    server = NatsServer.at(data_dir, port)
    try:
        await server.start()
        yield server
    finally:
        await server.stop()
