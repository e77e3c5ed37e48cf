"""Appending to the log: one writer at a time, each entry after the last, hashed over it."""

from dataclasses import replace
from datetime import datetime

from fogbank.accounts.activity import store
from fogbank.accounts.activity.chain import entry_hash
from fogbank.accounts.activity.errors import ActDiffers
from fogbank.accounts.activity.model import PRESENT_FORMAT, Act, Entry
from fogbank.accounts.ledger.chain import GENESIS
from fogbank.runtime.database import Connection, seeing_every_tenant_in


async def append(tx: Connection, act: Act, at: datetime) -> Entry:
    """Write an act whose id is new."""
    async with seeing_every_tenant_in(tx):  # the chain is one for all
        await store.one_writer(tx)
        return await _append(tx, act, *await store.texts_of(tx, act.before, act.after), at)


async def append_once(tx: Connection, act: Act, at: datetime) -> Entry:
    """Write an act; the same again is the same entry, and other content under its id is `ActDiffers`."""
    async with seeing_every_tenant_in(tx):
        await store.one_writer(tx)
        before, after = await store.texts_of(tx, act.before, act.after)
        found = await store.by_id(tx, act.id)
        if found is None:
            return await _append(tx, act, before, after, at)
        if not _is_same(found, act, before, after):
            raise ActDiffers(act.id)
        return found


def _is_same(found: Entry, act: Act, before: str | None, after: str | None) -> bool:
    """Whether an entry says what the act says; from where may differ, since a repeat may come from elsewhere."""
    said = (found.actor_id, found.action, found.subject, found.reason, found.before, found.after)
    is_same_account = found.format == 1 or found.account_id == act.account_id  # format 1 did not say whose
    return is_same_account and said == (act.actor_id, act.action, act.subject, act.reason, before, after)


async def _append(tx: Connection, act: Act, before: str | None, after: str | None, at: datetime) -> Entry:
    last = await store.last(tx)
    number, previous_hash = (1, GENESIS) if last is None else (last.number + 1, last.hash)
    entry = Entry(
        number=number,
        format=PRESENT_FORMAT,
        at=at,
        id=act.id,
        actor_id=act.actor_id,
        actor_kind=act.actor_kind,
        action=act.action,
        subject=act.subject,
        account_id=act.account_id,
        reason=act.reason,
        before=before,
        after=after,
        address=act.source.address,
        agent=act.source.agent,
        credential_id=act.source.credential_id,
        request_id=act.source.request_id,
        previous_hash=previous_hash,
        hash=b"",
    )
    entry = replace(entry, hash=entry_hash(entry))
    await store.insert(tx, entry)
    return entry
