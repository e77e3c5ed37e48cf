"""What `fogbank up` is made of: which processes, with which settings, in which order."""

import importlib
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fogbank.runtime.embedded import NatsServer, PostgresServer
from fogbank.runtime.ports import LOOPBACK, bound_socket, bound_sockets, free_port
from fogbank.runtime.process import end_left_over
from fogbank.runtime.settings import Settings
from fogbank.runtime.settings_sources import PREFIX, Loaded
from fogbank.runtime.supervisor.child import Child, FogbankChild, MoreEnvironment
from fogbank.runtime.supervisor.run_file import RunFile

SERVICES = ("accounts", "billing", "compute", "notifications", "portal", "queue")
"""The components of the services process: one origin."""

NOT_FOR_AGENTS = frozenset({"FOGBANK_POSTGRES_URL", "FOGBANK_SMTP_PASSWORD"})
QUEUE_PASSWORD = frozenset({"FOGBANK_QUEUE_USER", "FOGBANK_QUEUE_PASSWORD"})

DRAIN_ORDER = ("agent", "services", "usage", "nats", "postgres")


@dataclass(slots=True)
class System:
    """A whole system on this machine, not yet started."""

    settings: Settings
    waves: list[list[Child]]
    usage_url: str
    services_url: str
    postgres: PostgresServer | None
    nats: NatsServer | None

    @property
    def url(self) -> str:
        return self.settings.public_url

    def run_file(self, pids: dict[str, int]) -> RunFile:
        return RunFile(
            url=self.url,
            services_url=self.services_url,
            usage_url=self.usage_url,
            postgres_url=self.postgres.url if self.postgres else self.settings.postgres.url,
            queue_url=self.nats.url if self.nats else self.settings.queue.url,
            queue_user=self.nats.user if self.nats else self.settings.queue.user,
            pids=pids,
        )


def check_price_book(settings: Settings) -> None:
    """`PriceBookUnreadable` where the operator's price book cannot be used; billing would find out only later."""
    if settings.billing.price_book is not None:
        prices = importlib.import_module("fogbank.billing.service.price_books")
        prices.read_price_book(settings.billing.price_book, settings.billing.currency)


async def end_left_overs(data_dir: Path) -> list[str]:
    """End what a killed `up` left behind, in the order of a drain; the names of what there was."""
    pid_paths = {name: data_dir / "run" / f"{name}.pid" for name in DRAIN_ORDER}
    return [name for name, path in pid_paths.items() if await end_left_over(path)]


async def build_system(loaded: Loaded, agent_environment: MoreEnvironment, *, with_agent: bool) -> System:
    """The children of `up`, their ports already ours; `PortTaken` where the public one is another's."""
    settings = loaded.settings
    services_listeners = bound_sockets(settings.http.host, settings.http.port)
    usage_listener = bound_socket(LOOPBACK, free_port())
    postgres = None if settings.postgres.url else PostgresServer(settings.data)
    nats = None if settings.queue.url else _queue_of_ours(settings)
    usage_url = _local_url(usage_listener)
    services_url = _local_url(services_listeners[0])
    shared = _shared_environment(loaded, postgres, nats, usage_url, services_url)
    data = settings.data
    usage = FogbankChild("usage", ["run", "usage"], data, shared, [usage_listener])
    services = FogbankChild("services", ["run", *SERVICES], data, shared, services_listeners)
    waves: list[list[Child]] = [[server for server in (postgres, nats) if server is not None], [usage, services]]
    if with_agent:
        environment = _agent_environment(shared, settings, nats)
        waves.append([FogbankChild("agent", ["agent"], data, environment, more_environment=agent_environment)])
    return System(settings, waves, usage_url, services_url, postgres, nats)


def node_id_of(settings: Settings) -> str:
    """The name of this machine on the queue: as set, else its host name in the letters that ids are made of."""
    return settings.agent.node_id or f"node_{_host_in_letters_of_ids()}"


def instance_id_of(settings: Settings) -> str:
    """The id of this machine as an instance: as set, else made of its host name."""
    return settings.agent.instance_id or f"host_{_host_in_letters_of_ids()}"


def _host_in_letters_of_ids() -> str:
    host = socket.gethostname() or "localhost"
    return "".join(letter if letter.isascii() and (letter.isalnum() or letter in "_.-") else "-" for letter in host)[
        :100
    ]


def _local_url(listener: socket.socket) -> str:
    """How the other processes of this machine reach the socket."""
    host, port = listener.getsockname()[:2]
    reached = {"0.0.0.0": LOOPBACK, "::": "::1"}.get(host, host)
    return f"http://[{reached}]:{port}" if ":" in reached else f"http://{reached}:{port}"


def _shared_environment(
    loaded: Loaded, postgres: PostgresServer | None, nats: NatsServer | None, usage_url: str, services_url: str
) -> dict[str, str]:
    """Our environment with every setting spelt out, so that a child needs no file and no default of ours."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    derived = {
        "FOGBANK_HTTP_PUBLIC_URL": loaded.settings.public_url,
        "FOGBANK_SERVICES_URL": services_url,
        "FOGBANK_USAGE_URL": usage_url,
        **({"FOGBANK_POSTGRES_URL": postgres.url} if postgres else {}),
        **({"FOGBANK_QUEUE_URL": nats.url, "FOGBANK_QUEUE_USER": nats.user} if nats else {}),
        **({"FOGBANK_QUEUE_PASSWORD": nats.password} if nats else {}),
    }
    return {**inherited, **loaded.environment(), **derived}


def _agent_environment(shared: Mapping[str, str], settings: Settings, nats: NatsServer | None) -> dict[str, str]:
    """What the agent is told. It signs in to a queue of ours by its node's key, and to another one as the settings say.

    It has no business with the passwords of other servers.
    """
    kept = NOT_FOR_AGENTS if nats is None else NOT_FOR_AGENTS | QUEUE_PASSWORD
    told = {name: value for name, value in shared.items() if name not in kept}
    return {**told, "FOGBANK_AGENT_NODE_ID": node_id_of(settings)}


def _queue_of_ours(settings: Settings) -> NatsServer:
    return NatsServer.at(settings.data, settings.queue.port or None, is_open=settings.queue.open_to == "network")
