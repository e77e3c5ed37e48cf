"""Cuts connections of a node that was revoked or whose keys were replaced: else they live until it reconnects."""

import asyncio
from dataclasses import dataclass, field

import msgspec
import nats
import nats.errors
import structlog
from msgspec import Struct
from nats.aio.client import Client as NatsConnection
from nats.aio.msg import Msg

from fogbank.runtime.queue_credentials import SYSTEM_USER

CONNECTIONS = "$SYS.REQ.SERVER.PING.CONNZ"
KICK = "$SYS.REQ.SERVER.{server_id}.KICK"
ANSWER_SECONDS = 5
"""How long the server that we are connected to may take for anything: it is there, and may be busy."""
OTHERS_SECONDS = 0.5
"""How much longer the other servers of a cluster may take to tell their connections."""

_log = structlog.get_logger(__name__)


class Connection(Struct):
    cid: int


class Connections(Struct):
    server_id: str
    connections: list[Connection] = []


class _Answer(Struct):
    data: Connections


@dataclass(frozen=True, slots=True)
class Cutter:
    """Asks the queue, as its system's user, to close connections. `url` as in the settings."""

    url: str
    password: str = field(repr=False)

    async def cut(self, node_id: str) -> None:
        """Close every connection of that node, on every server.

        Where the queue does not let us, it is said in the log: the node is not believed any more in any case.
        """
        try:
            connection = await self.connected()
        except (OSError, nats.errors.Error, TimeoutError) as error:
            _log.warning("connection_not_cut", node_id=node_id, reason=repr(error))
            return
        try:
            for answer in await connections_of(connection, node_id):
                for each in answer.connections:
                    kick = msgspec.json.encode({"cid": each.cid})
                    # The server does nothing where nobody waits for its answer.
                    await connection.request(KICK.format(server_id=answer.server_id), kick, timeout=ANSWER_SECONDS)
        except (nats.errors.Error, TimeoutError) as error:
            _log.warning("connection_not_cut", node_id=node_id, reason=repr(error))
        finally:
            await connection.close()

    async def connected(self) -> NatsConnection:
        """A connection of the system's user, which its caller closes."""
        return await nats.connect(
            self.url.split(","),
            user=SYSTEM_USER,
            password=self.password,
            name="revocation",
            allow_reconnect=False,
            connect_timeout=ANSWER_SECONDS,
            error_cb=_quiet,
        )


async def connections_of(connection: NatsConnection, node_id: str) -> list[Connections]:
    """What each server tells of the connections of that node, of all that answer in time; `TimeoutError` if none."""
    found: list[Connections] = []
    is_answered = asyncio.Event()

    async def note(message: Msg) -> None:
        found.append(msgspec.json.decode(message.data, type=_Answer).data)
        is_answered.set()

    inbox = connection.new_inbox()
    await connection.subscribe(inbox, cb=note)
    await connection.publish(CONNECTIONS, msgspec.json.encode({"auth": True, "user": node_id}), reply=inbox)
    async with asyncio.timeout(ANSWER_SECONDS):
        await is_answered.wait()
    await asyncio.sleep(OTHERS_SECONDS)  # nobody says how many servers there are, or which answer is the last
    return found


async def _quiet(_error: Exception) -> None:
    """What is wrong is raised as well."""
