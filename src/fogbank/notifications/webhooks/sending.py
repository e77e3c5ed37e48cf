"""Sending: takes what is due, posts it, and writes down what came back. Safe in several processes at once.

What is taken is ours for a minute, which is longer than an attempt can last. Should we die in between, it is due again
after that, under the same id: at least once, and the receiver can tell that it is the same.
"""

import asyncio
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import timedelta

import structlog

from fogbank.notifications.webhooks.ending import Ending
from fogbank.notifications.webhooks.model import Outcome, Taken
from fogbank.notifications.webhooks.signing import headers_of
from fogbank.notifications.webhooks.store import secrets, sending
from fogbank.notifications.webhooks.store.sending import Room
from fogbank.runtime.clock import Clock, MonotonicClock, monotonic_seconds
from fogbank.runtime.database import Database
from fogbank.runtime.outbound.client import Outbound, OutboundFailure
from fogbank.runtime.outbound.urls import UrlRefused, target_of
from fogbank.runtime.sealing import KeyUnknown, SealingKeys
from fogbank.runtime.waiting import until_set

POSTS_MAX = 64
PER_WEBHOOK_MAX = 2
PER_ACCOUNT_MAX = 8
"""Nobody's slow servers take all the room, however many webhooks they have."""
LEASE = timedelta(seconds=60)
LOOK_SECONDS = 1.0
DRAIN_SECONDS = 3.0
ANSWER_BYTES = 1024

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Sending:
    """The worker. `_busy` holds what is under way, by id."""

    database: Database
    outbound: Outbound
    keys: SealingKeys
    ending: Ending
    clock: Clock
    allow_http: bool
    monotonic: MonotonicClock = monotonic_seconds
    look_seconds: float = LOOK_SECONDS
    _busy: dict[str, Taken] = field(default_factory=dict)
    _is_free: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Send what is due, for ever; look again every second, and whenever there is room again."""
        self._busy.clear()  # whatever was under way when this ran before is no longer
        async with asyncio.TaskGroup() as posts:
            try:
                while True:
                    for taken in await self._take():
                        posts.create_task(self._send(taken))
                    await self._until_free(self.look_seconds)
            except asyncio.CancelledError:
                await self._drain()
                raise

    async def _until_free(self, seconds: float) -> None:
        """Wait until a post has ended, or for so long."""
        await until_set(self._is_free, seconds)
        self._is_free.clear()

    async def _drain(self) -> None:
        """Let what is under way end, or it would be sent again after its minute; but keep nobody from stopping."""
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS):
                while self._busy:
                    await self._until_free(DRAIN_SECONDS)

    async def _take(self) -> list[Taken]:
        """What is due and there is room for, with the secrets that sign it."""
        room = Room(
            limit=POSTS_MAX - len(self._busy),
            per_webhook=PER_WEBHOOK_MAX,
            per_account=PER_ACCOUNT_MAX,
            busy=[taken.webhook_id for taken in self._busy.values()],
            busy_accounts=[taken.account_id for taken in self._busy.values()],
        )
        async with self.database.transaction() as tx:
            rows = await sending.take(tx, room, self.clock(), LEASE)
            held = await secrets.holding(tx, [row.webhook_id for row in rows], self.clock()) if rows else []
        taken = [
            Taken(**asdict(row), secrets=[secret for secret in held if secret.webhook_id == row.webhook_id])
            for row in rows
        ]
        self._busy.update({each.id: each for each in taken})
        return taken

    async def _send(self, taken: Taken) -> None:
        try:
            await self.ending.end(taken, await self.attempt(taken))
        except Exception:  # whatever it is, the posts beside it go on; this one is due again after its minute
            log.exception("webhook not sent", delivery_id=taken.id, webhook_id=taken.webhook_id)
        finally:
            del self._busy[taken.id]
            self._is_free.set()

    async def attempt(self, taken: Taken) -> Outcome:
        """Post it once; what came of it."""
        started_at, started_seconds = self.clock(), self.monotonic()
        try:
            opened = [self.keys.open(each.webhook_id, each.key_id, each.sealed) for each in taken.secrets]
            target = target_of(taken.url, allow_http=self.allow_http)
            headers = headers_of(taken.id, taken.payload, opened, started_at)
            answer = await self.outbound.post(target, taken.payload.encode(), headers)
        except (OutboundFailure, UrlRefused, KeyUnknown) as failure:
            return Outcome(started_at, self._passed_ms(started_seconds), None, {}, "", _sentence(failure))
        text = answer.body[:ANSWER_BYTES].decode(errors="replace").replace("\x00", "\N{REPLACEMENT CHARACTER}")
        return Outcome(started_at, self._passed_ms(started_seconds), answer.status, answer.headers, text)

    def _passed_ms(self, started_seconds: float) -> int:
        return round((self.monotonic() - started_seconds) * 1000)


def _sentence(failure: OutboundFailure | UrlRefused | KeyUnknown) -> str:
    if isinstance(failure, UrlRefused):
        return f"The URL {failure}."
    if isinstance(failure, KeyUnknown):
        return "The secret that signs this is lost on our side; make a new one."
    return str(failure)
