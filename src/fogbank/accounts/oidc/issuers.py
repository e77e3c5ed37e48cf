"""Issuers, kept by administrators."""

from dataclasses import dataclass, replace

from fogbank.accounts.activity.reasons import reason_for
from fogbank.accounts.activity.recording import CHANGED, Recorder
from fogbank.accounts.errors import NotVisible
from fogbank.accounts.machines.revocations import revoke
from fogbank.accounts.oidc import issuer_store
from fogbank.accounts.oidc.discovery import Discovery
from fogbank.accounts.oidc.errors import IssuerTaken, IssuerUnreachable, IssuerUrlRefused
from fogbank.accounts.oidc.exchanging import owner_of
from fogbank.accounts.oidc.model import Issuer, IssuerChange
from fogbank.accounts.opaque import ID_BYTES
from fogbank.accounts.organizations import store as organization_store
from fogbank.kernel.ids import new_id
from fogbank.runtime.auth import Caller
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection, Database
from fogbank.runtime.entropy import Entropy
from fogbank.runtime.sealing import SealingKeys


@dataclass(frozen=True, slots=True)
class Issuers:
    """Each change is in the activity log, with the administrator's reason."""

    database: Database
    discovery: Discovery
    sealing: SealingKeys
    recorder: Recorder
    clock: Clock
    entropy: Entropy

    async def add(self, caller: Caller, asked: Issuer, secret: str | None, reason: str) -> Issuer:
        """A new issuer, as asked for but for its id and time, once it answers as one; its secret is sealed.

        `IssuerUrlRefused`, `IssuerTaken`, `NotVisible` for an organisation that is not there.
        """
        reason = reason_for(caller, (), reason)
        try:
            await self.discovery.metadata(asked.url)
        except IssuerUnreachable as error:
            raise IssuerUrlRefused(error.why) from error
        issuer = replace(asked, id=new_id("issuer", self.entropy(ID_BYTES)), created_at=self.clock())
        issuer = self._with_secret(issuer, secret)
        async with self.database.transaction() as tx:
            await _require_organization(tx, issuer)
            if not await issuer_store.insert_once(tx, issuer):
                raise IssuerTaken
            await self.recorder.record_in(
                tx, caller, "issuer.added", f"issuer:{issuer.id}", account_id="", reason=reason, after=_shown(issuer)
            )
        return issuer

    async def all(self) -> list[Issuer]:
        """All of them, by name."""
        async with self.database.connection() as connection:
            return await issuer_store.issuers(connection)

    async def change(self, caller: Caller, issuer_id: str, change: IssuerChange, reason: str) -> Issuer:
        """Change what is given; who came by it goes on. `NotVisible` for an organisation that is not there, too."""
        reason = reason_for(caller, (), reason)
        async with self.database.transaction() as tx:
            before = await issuer_store.issuer(tx, issuer_id, is_locked=True)
            if before is None:
                raise NotVisible("issuer", issuer_id)
            after = self._with_secret(change.of(before), change.secret)
            await _require_organization(tx, after)
            await issuer_store.update(tx, after)
            secret = {} if change.secret is None else {"client_secret": CHANGED}
            await self.recorder.record_in(
                tx,
                caller,
                "issuer.changed",
                f"issuer:{issuer_id}",
                account_id="",
                reason=reason,
                before=_shown(before),
                after={**_shown(after), **secret},
            )
        return after

    async def remove(self, caller: Caller, issuer_id: str, reason: str) -> None:
        """Believe it no more, and forget who came by it: their sessions end, and their accounts stay."""
        reason = reason_for(caller, (), reason)
        async with self.database.transaction() as tx:
            issuer = await issuer_store.issuer(tx, issuer_id)
            if issuer is None:
                raise NotVisible("issuer", issuer_id)
            ended = await issuer_store.end_sessions(tx, issuer_id)
            await issuer_store.delete(tx, issuer_id)
            await revoke(tx, *ended)
            before = {**_shown(issuer), "sessions": len(ended)}
            await self.recorder.record_in(
                tx, caller, "issuer.removed", f"issuer:{issuer_id}", account_id="", reason=reason, before=before
            )

    def _with_secret(self, issuer: Issuer, secret: str | None) -> Issuer:
        """The issuer with that secret, sealed; as it is without one."""
        if secret is None:
            return issuer
        key_id, sealed = self.sealing.seal(owner_of(issuer.id), secret)
        return replace(issuer, key_id=key_id, sealed=sealed)


async def _require_organization(tx: Connection, issuer: Issuer) -> None:
    if issuer.org_id is not None and await organization_store.organization(tx, issuer.org_id) is None:
        raise NotVisible("organisation", issuer.org_id)


def _shown(issuer: Issuer) -> dict[str, object]:
    """An issuer for the log: all but its secret."""
    return {
        "name": issuer.name,
        "url": issuer.url,
        "client_id": issuer.client_id,
        "domains": list(issuer.domains),
        "admits_unknown": issuer.admits_unknown,
        "organization": issuer.org_id,
        "role": None if issuer.role is None else issuer.role.value,
        "scopes": list(issuer.scopes),
    }
