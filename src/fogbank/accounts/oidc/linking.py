"""Links from identities to one's own account: confirmed once, listed, taken away."""

from dataclasses import dataclass

from fogbank.accounts.activity.recording import Recorder
from fogbank.accounts.errors import NotVisible
from fogbank.accounts.factors.proofs import RecentProofs
from fogbank.accounts.oidc import flow_store, link_store
from fogbank.accounts.oidc.errors import ConfirmationEnded, LastWayIn
from fogbank.accounts.oidc.model import Link
from fogbank.accounts.oidc.rules import confirmed_by
from fogbank.accounts.opaque import ID_BYTES, digest
from fogbank.accounts.people import store as people_store
from fogbank.kernel.ids import new_id
from fogbank.runtime.auth import Caller
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection, Database
from fogbank.runtime.entropy import Entropy


@dataclass(frozen=True, slots=True)
class Linking:
    """Each change takes a recent proof, and is in the activity log."""

    database: Database
    proofs: RecentProofs
    recorder: Recorder
    clock: Clock
    entropy: Entropy

    async def confirm(self, caller: Caller, token: str, binding: str) -> Link:
        """The identity opens the caller's account from now on; `ConfirmationEnded` where it is not theirs."""
        now, found_by = self.clock(), digest(confirmed_by(token, binding))
        async with self.database.transaction() as tx:
            await self.proofs.require(tx, caller)
            confirmed = await flow_store.spend_confirmation(tx, found_by, caller.id, now)
            user = await people_store.user(tx, caller.id)
            # The address may have become somebody else's since.
            if confirmed is None or user is None or user.email.lower() != confirmed.email.lower():
                raise ConfirmationEnded
            link = Link(
                id=new_id("link", self.entropy(ID_BYTES)),
                issuer_id=confirmed.issuer_id,
                subject=confirmed.subject,
                user_id=caller.id,
                email=confirmed.email,
                created_at=now,
                last_used_at=None,
            )
            if not await link_store.insert_once(tx, link):
                raise ConfirmationEnded
            await self.recorder.record_in(
                tx,
                caller,
                "issuer_link.added",
                f"issuer_link:{link.id}",
                account_id=caller.id,
                after={"issuer": link.issuer_id},
            )
        return link

    async def of(self, caller: Caller) -> list[Link]:
        """The caller's links, the oldest first."""
        async with self.database.transaction() as tx:
            return await link_store.of_user(tx, caller.id)

    async def remove(self, caller: Caller, link_id: str) -> None:
        """Let an identity open the caller's account no more; `LastWayIn` where they would have no other."""
        async with self.database.transaction() as tx:
            await self.proofs.require(tx, caller)
            await people_store.lock_user(tx, caller.id)
            issuer_id = await link_store.delete(tx, caller.id, link_id)
            if issuer_id is None:
                raise NotVisible("link", link_id)
            if not await self._has_another_way(tx, caller.id):
                raise LastWayIn
            await self.recorder.record_in(
                tx,
                caller,
                "issuer_link.removed",
                f"issuer_link:{link_id}",
                account_id=caller.id,
                before={"issuer": issuer_id},
            )

    async def _has_another_way(self, tx: Connection, user_id: str) -> bool:
        user = await people_store.user(tx, user_id)
        if user is not None and user.password_hash is not None:
            return True
        overview = await self.proofs.factors.overview(tx, user_id)
        return bool(overview.passkeys) or bool(await link_store.of_user(tx, user_id))
