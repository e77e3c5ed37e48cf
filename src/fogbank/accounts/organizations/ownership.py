"""Transfer of ownership: offered by an owner, accepted by another member; who offered it becomes an admin."""

from dataclasses import dataclass

from fogbank.accounts.activity.reasons import reason_for
from fogbank.accounts.activity.recording import Recorder
from fogbank.accounts.errors import NotVisible
from fogbank.accounts.machines.revocations import revoke
from fogbank.accounts.model import Membership, Permission, Role, Status
from fogbank.accounts.opaque import ID_BYTES
from fogbank.accounts.organizations import ownership_store, rules, store
from fogbank.accounts.organizations.access import require, visible_organization
from fogbank.accounts.organizations.errors import NotActive, OfferNotGood, OfferOpen
from fogbank.accounts.organizations.model import OfferState, OwnershipOffer
from fogbank.kernel.ids import new_id
from fogbank.runtime.auth import Caller
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection, Database
from fogbank.runtime.entropy import Entropy


@dataclass(frozen=True, slots=True)
class Ownership:
    """Offers, withdraws and takes ownership. An organisation has one open offer at most, for seven days."""

    database: Database
    recorder: Recorder
    clock: Clock
    entropy: Entropy

    async def offer(self, caller: Caller, org_id: str, to_user_id: str) -> OwnershipOffer:
        """Offer one's ownership to a member; `OfferOpen` while another offer stands, `NotVisible` for who is none."""
        async with self.database.transaction() as tx:
            organization = await visible_organization(tx, caller, org_id, is_locked=True)
            await require(tx, caller, organization, Permission.TRANSFER_OWNERSHIP)
            roles = await store.roles_in(tx, org_id)
            if to_user_id not in roles or to_user_id == caller.id or caller.id not in roles:
                raise NotVisible("member", to_user_id)
            earlier = await ownership_store.open_offer(tx, org_id)
            now = self.clock()
            if earlier is not None and rules.is_offer_good(earlier, roles, now):
                raise OfferOpen
            await ownership_store.end(tx, org_id, OfferState.WITHDRAWN, now)
            offer = OwnershipOffer(
                id=new_id("offer", self.entropy(ID_BYTES)),
                org_id=org_id,
                from_user_id=caller.id,
                to_user_id=to_user_id,
                created_at=now,
                expires_at=now + rules.OFFER_LIFE,
            )
            await ownership_store.insert(tx, offer)
            await self._record(tx, caller, "offered", offer)
        return offer

    async def offered(self, caller: Caller, org_id: str) -> OwnershipOffer:
        """The offer that stands, for every member; `OfferNotGood` where none does."""
        async with self.database.transaction() as tx:
            await visible_organization(tx, caller, org_id)
            return await self._good(tx, org_id)

    async def withdraw_once(self, caller: Caller, org_id: str, reason: str) -> None:
        """Take the offer back, as an owner, or decline it, as whom it is made to. Nothing where there is none."""
        reason = reason_for(caller, [org_id], reason)
        async with self.database.transaction() as tx:
            organization = await visible_organization(tx, caller, org_id, is_locked=True)
            offer = await ownership_store.open_offer(tx, org_id)
            if offer is None or offer.to_user_id != caller.id:
                await require(tx, caller, organization, Permission.TRANSFER_OWNERSHIP)
            if offer is not None:
                await ownership_store.end(tx, org_id, OfferState.WITHDRAWN, self.clock())
                await self._record(tx, caller, "withdrawn", offer, reason)

    async def accept(self, caller: Caller, org_id: str) -> OwnershipOffer:
        """Become the owner that another one was, who becomes an admin; `OfferNotGood` where it is not offered."""
        async with self.database.transaction() as tx:
            organization = await visible_organization(tx, caller, org_id, is_locked=True)
            offer = await self._good(tx, org_id)
            if offer.to_user_id != caller.id:
                raise OfferNotGood
            if organization.status is not Status.ACTIVE:
                raise NotActive(org_id, organization.status)
            now = self.clock()
            await store.set_membership(tx, Membership(org_id, offer.to_user_id, Role.OWNER, now))
            await store.set_membership(tx, Membership(org_id, offer.from_user_id, Role.ADMIN, now))
            await ownership_store.end(tx, org_id, OfferState.ACCEPTED, now)
            await revoke(tx, offer.to_user_id, offer.from_user_id)
            await self._record(tx, caller, "transferred", offer)
        return offer

    async def _good(self, tx: Connection, org_id: str) -> OwnershipOffer:
        offer = await ownership_store.open_offer(tx, org_id)
        roles = await store.roles_in(tx, org_id)
        if offer is None or not rules.is_offer_good(offer, roles, self.clock()):
            raise OfferNotGood
        return offer

    async def _record(self, tx: Connection, caller: Caller, verb: str, offer: OwnershipOffer, reason: str = "") -> None:
        await self.recorder.record_in(
            tx,
            caller,
            f"ownership.{verb}",
            f"organization:{offer.org_id}",
            account_id=offer.org_id,
            reason=reason,
            after={"from_user_id": offer.from_user_id, "to_user_id": offer.to_user_id},
        )
