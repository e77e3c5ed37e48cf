"""Answers the queue about who signs in: a node is who holds a registered key, and may do what a node may."""

import base64
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

import nats.errors
import psycopg
import structlog
from nats.aio.msg import Msg

from fogbank.compute.client.node_proofs import is_signature
from fogbank.compute.nodes.sign_in.tokens import RequestUnreadable, SignIn, granted, read_request, refused
from fogbank.compute.nodes.store import nodes
from fogbank.queue.client import QueueClient
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Database
from fogbank.runtime.queue_credentials import node_permissions
from fogbank.runtime.queue_keys import NotAQueueKey, read_user_key

SUBJECT = "$SYS.REQ.USER.AUTH"
QUEUE_GROUP = "fogbank"
"""Of several processes that answer, each request goes to one."""

WhoseKey = Callable[[str], Awaitable[str | None]]
"""The node that a public key (base64) is of now; None for nobody's."""

_log = structlog.get_logger(__name__)


def by_registration(database: Database) -> WhoseKey:
    """Asks the registered keys."""

    async def whose(public_key: str) -> str | None:
        async with database.connection() as connection:
            return await nodes.who_signs_in(connection, public_key)

    return whose


@dataclass(frozen=True, slots=True)
class SignInDesk:
    """Sits at the queue's door. Where it is away, the queue lets nobody in but the services; agents knock again."""

    queue: QueueClient
    whose: WhoseKey
    clock: Clock
    issuer_seed: bytes = field(repr=False)

    async def answer_for_ever(self) -> None:
        """Answer until cancelled."""
        subscription = await self.queue.connection.subscribe(SUBJECT, queue=QUEUE_GROUP)
        try:
            async for message in subscription.messages:
                await self._answer_or_say(message)
        finally:
            with suppress(nats.errors.Error):
                await subscription.unsubscribe()

    async def _answer_or_say(self, message: Msg) -> None:
        try:
            await self._answer(message)
        except RequestUnreadable as error:
            _log.warning("sign_in_unreadable", reason=str(error))
        except (psycopg.OperationalError, nats.errors.Error) as error:  # they knock again
            _log.warning("sign_in_not_answered", reason=str(error).strip())

    async def _answer(self, message: Msg) -> None:
        sign_in, now_s = read_request(message.data), int(self.clock().timestamp())
        if now_s > sign_in.expires_s:  # nobody waits for it any more
            return
        node_id = await self._node_of(sign_in)
        if node_id is None:
            answer = refused(sign_in, "no registered node holds this key", self.issuer_seed, now_s)
        else:
            answer = granted(sign_in, node_id, node_permissions(node_id), self.issuer_seed, now_s)
        await message.respond(answer)

    async def _node_of(self, sign_in: SignIn) -> str | None:
        try:
            public_key = read_user_key(sign_in.nkey)
        except NotAQueueKey:
            return None
        if not sign_in.nonce or not is_signature(sign_in.nonce.encode(), sign_in.signature, public_key):
            return None
        return await self.whose(base64.b64encode(public_key).decode())
