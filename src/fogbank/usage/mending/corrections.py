"""Corrections: an administrator says what a reading should have said, and why.

A correction is a row of a higher revision with the same identity. It goes through four stages, each durable before the
next: into the activity log, written down, into the readings, done. Killed between any two, it is finished by the next
start or by asking again: what is written down is done, and asking for what a reading says already changes nothing.
"""

import asyncio
from dataclasses import dataclass, field, replace

from fogbank.kernel.periods import microseconds_of
from fogbank.runtime.activity import ActivityLog
from fogbank.runtime.clock import Clock
from fogbank.usage.errors import NotAllowed
from fogbank.usage.mending.errors import CorrectedTooOften, KeyReused, NoReading
from fogbank.usage.mending.model import Content, Correction, StoredReading, Wish
from fogbank.usage.mending.rendering import content_document, instant_text
from fogbank.usage.mending.rules import REVISIONS_MAX, corrected, digest_of
from fogbank.usage.retention.intake import Intake
from fogbank.usage.stamps import Stamps
from fogbank.usage.store import corrections, marks
from fogbank.usage.store.engine import Engine
from fogbank.usage.store.schema import METRICS

ACTION = "usage.reading.correct"


@dataclass(frozen=True, slots=True)
class Corrections:
    """Corrects readings, one at a time: two at once get two revisions. One per store."""

    engine: Engine
    stamps: Stamps
    activity: ActivityLog
    intake: Intake
    clock: Clock
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def reading(self, instance_id: str, start_us: int) -> tuple[StoredReading, list[Correction]]:
        """The reading as it is now, and its corrections, oldest first; `NoReading` where there is none."""
        stored = await self._stored(instance_id, start_us)
        if stored is None:
            raise NoReading(instance_id, instant_text(start_us))
        return stored, await corrections.of_reading(self.engine, instance_id, start_us)

    async def correct(
        self, instance_id: str, start_us: int, wish: Wish, *, actor_id: str, reason: str, key: str
    ) -> tuple[StoredReading, list[Correction]]:
        """Make the reading say what is wished, and return it; `NoReading` where there is none to correct.

        The same `key` again is the same act, whatever came since; under another wish it is `KeyReused`. Without a key
        (`""`), a wish that is granted already changes nothing.
        """
        async with self._one_at_a_time:
            await self._finish_unapplied()
            stored, before = await self.reading(instance_id, start_us)
            asked = digest_of(sorted(wish.metrics_micros.items()), wish.end_us, wish.user_id, wish.org_id)
            known = next((each for each in before if key and each.key == key), None)
            if known is not None and known.asked != asked:
                raise KeyReused(key)
            content = corrected(stored, wish, METRICS, microseconds_of(self.clock()))
            if not self._is_kept(start_us, content):
                raise NotAllowed(
                    "org_id", f"'{content.account_id}' keeps no readings of that time; its totals are final"
                )
            if known is None and content != stored.content:
                revision = max((stored.revision, *(each.revision for each in before))) + 1
                now_us = microseconds_of(self.clock())
                await self._do(
                    stored,
                    Correction(
                        instance_id, start_us, revision, content, key, asked, actor_id, reason, now_us, is_applied=False
                    ),
                )
            return await self.reading(instance_id, start_us)

    async def finish(self) -> None:
        """Do what a killed process had written down, and what readings that were restored lack."""
        async with self._one_at_a_time:
            await self._finish_unapplied()
            for correction in await corrections.behind(self.engine):
                await self._apply(correction)

    async def _do(self, stored: StoredReading, correction: Correction) -> None:
        if correction.revision > REVISIONS_MAX:
            raise CorrectedTooOften(REVISIONS_MAX)
        await self._log(stored, correction)
        if stored.revision == 0:
            await corrections.write_original(self.engine, stored)
        await corrections.write(self.engine, correction)
        await self._apply(correction)

    async def _log(self, stored: StoredReading, correction: Correction) -> None:
        """Say in the activity log what is about to be done. Trying again after a kill says the same, once."""
        told = (stored.instance_id, stored.start_us, correction.revision, correction.key, correction.reason)
        digest = digest_of(*told, correction.actor_id, correction.asked, content_document(stored))
        after = replace(stored, content=correction.content, revision=correction.revision)
        await self.activity.record_activity(
            id_=f"{ACTION}:{digest}",
            actor_id=correction.actor_id,
            action=ACTION,
            subject=f"reading:{stored.instance_id}:{instant_text(stored.start_us)}",
            reason=correction.reason,
            before=content_document(stored),
            after=content_document(after),
        )

    async def _apply(self, correction: Correction) -> None:
        async with self.intake.batch() as batch:
            await batch.may_write([correction.start_us])
            stored = await self._stored(correction.instance_id, correction.start_us)
            # Else retention took it meanwhile, and there is nothing left to correct.
            if stored is not None and self._is_kept(correction.start_us, correction.content):
                after = replace(stored, content=correction.content, revision=correction.revision)
                await corrections.write_reading(self.engine, after)
                # The stamp is taken after the insert: who sees the mark sees the reading.
                await marks.mark(self.engine, after.spans, self.stamps.take())
        await corrections.write_applied(self.engine, correction)

    async def _stored(self, instance_id: str, start_us: int) -> StoredReading | None:
        """The reading as it is; None also below its payer's floor, where what it is added up into is final."""
        stored = await corrections.reading(self.engine, instance_id, start_us)
        return stored if stored is not None and self._is_kept(start_us, stored.content) else None

    def _is_kept(self, start_us: int, content: Content) -> bool:
        return start_us >= self.intake.now.taken.readings.of(content.account_id)

    async def _finish_unapplied(self) -> None:
        for correction in await corrections.unapplied(self.engine):
            await self._apply(correction)
