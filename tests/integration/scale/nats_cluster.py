"""A cluster of three NATS servers on loopback, configured as docs/scale.md says, each of which can be killed."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from fogbank.runtime.embedded.binaries import nats_program
from fogbank.runtime.embedded.nats import PAYLOAD_BYTES_MAX
from fogbank.runtime.embedded.nats_probe import until_accepts
from fogbank.runtime.ports import LOOPBACK, free_port
from fogbank.runtime.process import Command, Process, launch
from fogbank.runtime.queue_credentials import SERVICES_USER, access, render_config

PASSWORD = "of the services"


@dataclass(slots=True)
class Member:
    """One server of the cluster, in a directory of its own."""

    name: str
    directory: Path
    port: int
    routes: dict[str, int]
    process: Process | None = None

    async def start(self) -> None:
        settings: dict[str, object] = {
            "server_name": self.name,
            "host": LOOPBACK,
            "port": self.port,
            "max_payload": PAYLOAD_BYTES_MAX,
            "jetstream": {"store_dir": str(self.directory), "sync_interval": "always"},
            "cluster": {
                "name": "fogbank",
                "host": LOOPBACK,
                "port": self.routes[self.name],
                "routes": [f"nats://{LOOPBACK}:{port}" for port in self.routes.values()],
            },
        }
        self.directory.mkdir(exist_ok=True)
        path = self.directory / "nats.conf"
        path.write_text(render_config(settings, access(PASSWORD, "of the system", bytes(32))))
        self.process = await launch(
            Command(
                name=self.name,
                arguments=[str(nats_program()), "-c", str(path)],
                log_path=self.directory / "nats.log",
                pid_path=self.directory / "nats.pid",
            )
        )
        await until_accepts(self.port, SERVICES_USER, PASSWORD)

    async def kill(self) -> None:
        """SIGKILL, as a power cut would."""
        assert self.process is not None
        self.process.handle.kill()
        await self.process.wait()


@dataclass(frozen=True, slots=True)
class Cluster:
    members: dict[str, Member]

    @property
    def url(self) -> str:
        return ",".join(f"nats://{LOOPBACK}:{member.port}" for member in self.members.values())


@asynccontextmanager
async def running_cluster(directory: Path) -> AsyncIterator[Cluster]:
    """Three servers that know each other; they are killed at the end."""
    routes = {name: free_port() for name in ("a", "b", "c")}
    members = {name: Member(name, directory / name, free_port(), routes) for name in routes}
    async with AsyncExitStack() as stack:
        for member in members.values():
            await member.start()
            stack.push_async_callback(member.kill)
        yield Cluster(members)
