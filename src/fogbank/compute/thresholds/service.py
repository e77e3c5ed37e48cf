"""Sets thresholds, shows them, and says what is firing. Whoever holds them in memory is told of each change."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, Protocol

import msgspec

from fogbank.compute.thresholds.errors import ChangedMeanwhile, IdTaken, NotAllowed, NotVisible, TooManyThresholds
from fogbank.compute.thresholds.model import EVERYBODY, Firing, Subject, SubjectKind, Terms, Threshold
from fogbank.compute.thresholds.rules.permission import Setter, require_may_change, require_may_set, require_visible
from fogbank.compute.thresholds.store import configured, standing
from fogbank.compute.thresholds.views import threshold_view
from fogbank.kernel.ids import new_id
from fogbank.runtime.activity import ActivityLog
from fogbank.runtime.auth import Caller
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Database
from fogbank.runtime.entropy import Entropy

THRESHOLDS_MAX = 100
"""How many an account may have of its own, and as many of administrators'."""
ID_BYTES = 12
ID_PREFIX = "threshold"
NAMED = {"subject": "user_id"}
"""By which field of the wire a caller knows it."""
NO_REASON = "No reason was given."


class Payers(Protocol):
    """Who knows whose an instance is."""

    async def payer_of(self, instance_id: str) -> str | None:
        """The account that pays for it; None where nobody knows."""
        ...


@dataclass(frozen=True, slots=True)
class Wish:
    """What a caller asks for: the terms, a name for the act or the threshold, and why."""

    terms: Terms
    id: str | None = None
    key: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ThresholdService:
    """Thresholds as they are set. `changed` is set whenever one has changed in this process."""

    database: Database
    activity: ActivityLog
    payers: Payers
    clock: Clock
    entropy: Entropy
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def create_once(self, caller: Caller, wish: Wish) -> Threshold:
        """Set a threshold; the same under the same id or key is the same answer, another is `IdTaken`."""
        setter, subject = _setter(caller), wish.terms.subject
        account_id = await self._account_of(subject)
        require_visible(setter, subject, account_id)
        require_may_set(setter, subject, account_id, wish.terms.action)
        now = self.clock()
        wanted = Threshold(
            id=self._id_of(caller, wish),
            terms=wish.terms,
            account_id=account_id,
            is_administrators=setter.is_administrator and account_id != caller.id,
            revision=1,
            created_by=caller.id,
            created_at=now,
            changed_at=now,
        )
        async with self.database.connection() as connection:
            stored = await configured.threshold(connection, wanted.id)
        return _same(stored, wanted) if stored is not None else await self._create(setter, wanted, wish.reason)

    async def change(self, caller: Caller, threshold_id: str, terms: Terms, reason: str) -> Threshold:
        """Give a threshold other terms. What it watches stays: else it is another one."""
        stored, setter = await self.threshold(caller, threshold_id), _setter(caller)
        require_may_change(setter, stored)
        require_may_set(setter, stored.terms.subject, stored.account_id, terms.action)
        for field_ in ("subject", "resource_type", "threshold_type"):
            if getattr(terms, field_) != getattr(stored.terms, field_):
                raise NotAllowed(NAMED.get(field_, field_), "stays as it is; to watch that, set another threshold")
        if terms == stored.terms:
            return stored
        after = replace(stored, terms=terms, revision=stored.revision + 1, changed_at=self.clock())
        await self._record(setter, "threshold.change", reason, stored, after)
        async with self.database.transaction() as tx:
            if not await configured.update(tx, after):
                raise ChangedMeanwhile(threshold_id)
        self.changed.set()
        return after

    async def delete(self, caller: Caller, threshold_id: str, reason: str) -> None:
        """Remove a threshold, and forget where it stands. Nobody is told that it cleared: it did not."""
        stored, setter = await self.threshold(caller, threshold_id), _setter(caller)
        require_may_change(setter, stored)
        await self._record(setter, "threshold.delete", reason, stored, None)
        async with self.database.transaction() as tx:
            await configured.delete(tx, threshold_id)
        self.changed.set()

    async def threshold(self, caller: Caller, threshold_id: str) -> Threshold:
        """One threshold; `NotVisible` where there is none that the caller may see."""
        async with self.database.connection() as connection:
            found = await configured.threshold(connection, threshold_id)
        if found is None or not caller.may_see(found.account_id):
            raise NotVisible("threshold", threshold_id)
        return found

    async def visible(self, caller: Caller, account_id: str | None, after: str, limit: int) -> Sequence[Threshold]:
        """The thresholds of an account, or all that the caller sees, by id."""
        accounts = _accounts(caller, account_id)
        async with self.database.connection() as connection:
            return await configured.page(connection, accounts, after, limit)

    async def firing(
        self, caller: Caller, account_id: str | None, after: tuple[str, str], limit: int
    ) -> Sequence[tuple[Threshold, Firing]]:
        """What is firing now, of an account or of all that the caller sees."""
        accounts = _accounts(caller, account_id)
        async with self.database.connection() as connection:
            found = await standing.firing(connection, accounts, after, limit)
            thresholds = {
                each.id: each for each in await configured.those(connection, {firing.threshold_id for firing in found})
            }
        return [(thresholds[each.threshold_id], each) for each in found if each.threshold_id in thresholds]

    async def _create(self, setter: Setter, wanted: Threshold, reason: str) -> Threshold:
        await self._record(setter, "threshold.set", reason, None, wanted)
        async with self.database.transaction() as tx:
            account_id, is_administrators = wanted.account_id, wanted.is_administrators
            if await configured.count_locked(tx, account_id, is_administrators=is_administrators) >= THRESHOLDS_MAX:
                raise TooManyThresholds(account_id, THRESHOLDS_MAX)
            if not await configured.insert_once(tx, wanted):
                stored = await configured.threshold(tx, wanted.id)
                return _same(stored, wanted)
        self.changed.set()
        return wanted

    async def _account_of(self, subject: Subject) -> str:
        if subject.kind is SubjectKind.INSTANCE:
            return await self.payers.payer_of(subject.id) or ""
        return EVERYBODY if subject.kind is SubjectKind.EVERYBODY else subject.id

    def _id_of(self, caller: Caller, wish: Wish) -> str:
        if wish.id is not None:
            return wish.id
        if wish.key:
            return f"{ID_PREFIX}_{sha256(f'{caller.id}/{wish.key}'.encode()).hexdigest()[: 2 * ID_BYTES]}"
        return new_id(ID_PREFIX, self.entropy(ID_BYTES))

    async def _record(
        self, setter: Setter, action: str, reason: str, before: Threshold | None, after: Threshold | None
    ) -> None:
        """Write what an administrator is about to do; users set their own as they like."""
        if not setter.is_administrator:
            return
        threshold = after or before
        assert threshold is not None
        was, becomes = _document(before), _document(after)
        digest = sha256(msgspec.json.encode((was, becomes, reason), order="sorted")).hexdigest()[:32]
        await self.activity.record_activity(
            id_=f"{action}:{digest}",
            actor_id=setter.id,
            action=action,
            subject=f"threshold:{threshold.id}",
            reason=reason or NO_REASON,
            before=was,
            after=becomes,
            account_id="" if threshold.account_id == EVERYBODY else threshold.account_id,
        )


def _document(threshold: Threshold | None) -> dict[str, Any] | None:
    """A threshold as the activity log keeps it: when, it knows itself."""
    if threshold is None:
        return None
    view = asdict(threshold_view(threshold))
    return {name: value for name, value in view.items() if not isinstance(value, datetime)}


def _same(stored: Threshold | None, wanted: Threshold) -> Threshold:
    if stored is None or (stored.terms, stored.account_id) != (wanted.terms, wanted.account_id):
        raise IdTaken(wanted.id)
    return stored


def _setter(caller: Caller) -> Setter:
    return Setter(caller.id, caller.organizations, caller.sees_everything)


def _accounts(caller: Caller, account_id: str | None) -> frozenset[str] | None:
    """The accounts to look at; None for all. `NotVisible` for somebody else's."""
    if account_id is None:
        return None if caller.sees_everything else caller.visible_accounts
    if not caller.may_see(account_id):
        raise NotVisible("account", account_id)
    return frozenset({account_id})
