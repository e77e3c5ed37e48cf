"""The end of an attempt: what came of it is written down, with all that follows from it, in one transaction."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from fogbank.notifications.webhooks import rules
from fogbank.notifications.webhooks.counters import ATTEMPTS
from fogbank.notifications.webhooks.model import Attempt, DeliveryState, DisabledBecause, Outcome, Taken, Webhook
from fogbank.notifications.webhooks.rules import Verdict
from fogbank.notifications.webhooks.store import sending, webhooks
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection, Database
from fogbank.runtime.entropy import Entropy

SUCCESS_PRECISION = timedelta(minutes=1)
"""A busy webhook is written once a minute, not once a post."""


@dataclass(frozen=True, slots=True)
class Ending:
    """Brings attempts to their end."""

    database: Database
    clock: Clock
    entropy: Entropy

    async def end(self, taken: Taken, outcome: Outcome) -> None:
        """Write down an attempt: the delivery is at its end or due again, the webhook well, failing or disabled."""
        now, verdict = self.clock(), rules.verdict_of(outcome)
        ATTEMPTS.labels(verdict).inc()
        async with self.database.transaction() as tx:
            webhook = await webhooks.webhook(tx, taken.webhook_id, is_locked=True)
            if webhook is None:  # deleted meanwhile, and its log with it
                return
            await sending.end_attempt(tx, attempt_of(taken, outcome))
            await self._end_or_try_again(tx, taken, outcome, verdict, now)
            after = webhook_after(webhook, verdict, now)
            if after != webhook:
                await webhooks.update(tx, after)
            if webhook.is_enabled and not after.is_enabled:
                await sending.drop_pending(tx, webhook.id, now)

    async def _end_or_try_again(
        self, tx: Connection, taken: Taken, outcome: Outcome, verdict: Verdict, now: datetime
    ) -> None:
        if verdict is Verdict.DELIVERED:
            await sending.end_delivery(tx, taken.id, taken.attempt, DeliveryState.DELIVERED, now)
            return
        dice = self.entropy(rules.DICE_BYTES)
        again_at = rules.next_attempt_at(outcome, now, taken.tries, taken.expires_at, dice)
        if verdict is Verdict.GONE or again_at is None:
            await sending.end_delivery(tx, taken.id, taken.attempt, DeliveryState.FAILED, now)
        else:
            await sending.try_again(tx, taken.id, taken.attempt, again_at)


def attempt_of(taken: Taken, outcome: Outcome) -> Attempt:
    """The attempt as the log has it."""
    return Attempt(
        delivery_id=taken.id,
        number=taken.attempt,
        started_at=outcome.started_at,
        duration_ms=outcome.duration_ms,
        status=outcome.status,
        detail=rules.detail_of(outcome),
        answer=outcome.answer,
    )


def webhook_after(webhook: Webhook, verdict: Verdict, now: datetime) -> Webhook:
    """The webhook as it is after an attempt: well, failing since its first failure, or disabled."""
    if verdict is Verdict.DELIVERED:
        is_noted = webhook.succeeded_at is not None and now - webhook.succeeded_at < SUCCESS_PRECISION
        succeeded_at = webhook.succeeded_at if is_noted and webhook.failing_since is None else now
        return replace(webhook, failing_since=None, succeeded_at=succeeded_at)
    failing = replace(webhook, failing_since=webhook.failing_since or now)
    if not webhook.is_enabled:
        return failing
    if verdict is Verdict.GONE:
        return failing.disabled(DisabledBecause.GONE, now)
    if rules.is_given_up(failing.failing_since, now):
        return failing.disabled(DisabledBecause.FAILING, now)
    return failing
