"""Accepting invitations, or declining them: by somebody who is signed in, or by signing up through one."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from fogbank.accounts.activity.recording import Recorder
from fogbank.accounts.errors import NotVisible
from fogbank.accounts.machines.revocations import revoke
from fogbank.accounts.model import Membership, Organization, Role, Status, User
from fogbank.accounts.opaque import digest
from fogbank.accounts.organizations import invitation_store, rules, store
from fogbank.accounts.organizations.errors import AddressNotConfirmed, InvitationForAnother, InvitationNotGood
from fogbank.accounts.organizations.model import Invitation, InvitationState
from fogbank.accounts.people import store as people_store
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection, Database, seeing_every_tenant_in
from fogbank.runtime.tenancy import seeing_every_tenant

Find = Callable[[], Awaitable[Invitation | None]]
"""Finds an invitation, as it is now."""


@dataclass(frozen=True, slots=True)
class Offered:
    """What a good invitation offers, to whoever has its token or address."""

    invitation: Invitation
    organization: Organization
    inviter: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """What was joined. `confirms_address`: the token came by mail to the address, so it is the person's."""

    membership: Membership
    organization: Organization
    confirms_address: bool


@dataclass(frozen=True, slots=True)
class Invitations:
    """What the holder of an invitation's token may do with it. An invitation is good once."""

    database: Database
    recorder: Recorder
    clock: Clock

    async def offered(self, token: str) -> Offered:
        """What the token's invitation offers; `InvitationNotGood`."""
        with seeing_every_tenant():
            async with self.database.transaction() as tx:
                return await self.offered_in(tx, token)

    async def offered_in(self, tx: Connection, token: str) -> Offered:
        """The same, in the caller's transaction: who signs up by it is asked for the invited address."""
        async with seeing_every_tenant_in(tx):
            return await self._offer(tx, by_token(tx, token))

    async def waiting(self, caller: Caller) -> list[Offered]:
        """The good invitations for the caller's own address, by id; none before they showed that it is theirs."""
        with seeing_every_tenant():
            async with self.database.transaction() as tx:
                user = await people_store.user(tx, caller.id)
                if user is None or user.email_confirmed_at is None:
                    return []
                found = await invitation_store.open_to(tx, user.email, self.clock())
                return [offer for each in found if (offer := await self._offer_if_good(tx, each)) is not None]

    async def accept(self, caller: Caller, token: str) -> Accepted:
        """Join, as who is signed in.

        `InvitationForAnother` where it is for another address, `AddressNotConfirmed` where neither the person nor the
        token ever showed that the address is theirs, `InvitationNotGood`.
        """
        with seeing_every_tenant():
            async with self.database.transaction() as tx:
                user = await people_store.user(tx, caller.id)
                assert user is not None, "who calls exists, and users are never deleted"
                accepted = await self.accept_in(tx, user, token, caller)
                if not accepted.confirms_address and user.email_confirmed_at is None:
                    raise AddressNotConfirmed
        return accepted

    async def accept_own(self, caller: Caller, invitation_id: str) -> Accepted:
        """Join by an invitation for the caller's own address, which they showed to be theirs.

        `NotVisible` for any other, `InvitationNotGood`.
        """
        with seeing_every_tenant():
            async with self.database.transaction() as tx:
                user, find = await self._own(tx, caller, invitation_id)
                return await self._join(tx, user, find, caller)

    async def decline(self, caller: Caller, invitation_id: str) -> None:
        """End an invitation for the caller's own address, as if it were taken back; refusals as for joining by it."""
        with seeing_every_tenant():
            async with self.database.transaction() as tx:
                _, find = await self._own(tx, caller, invitation_id)
                invitation, organization, _ = await self._good(tx, find)
                await invitation_store.end(tx, invitation.id, InvitationState.REVOKED, self.clock())
                await self.recorder.record_in(
                    tx, caller, "member.declined", f"invitation:{invitation.id}", account_id=organization.id
                )

    async def accept_in(self, tx: Connection, user: User, token: str, caller: Caller | None = None) -> Accepted:
        """Join, in the caller's transaction: signing up through an invitation is joining.

        `InvitationNotGood`, `InvitationForAnother`. Who is a member already stays what they are.
        """
        async with seeing_every_tenant_in(tx):
            return await self._join(tx, user, by_token(tx, token), caller)

    async def _own(self, tx: Connection, caller: Caller, invitation_id: str) -> tuple[User, Find]:
        """The caller, and what finds that invitation, which is for the address that they showed to be theirs."""
        user = await people_store.user(tx, caller.id)
        if user is None or user.email_confirmed_at is None:
            raise NotVisible("invitation", invitation_id)
        find = partial(invitation_store.to_address, tx, invitation_id, user.email)
        if await find() is None:
            raise NotVisible("invitation", invitation_id)
        return user, find

    async def _join(self, tx: Connection, user: User, find: Find, caller: Caller | None) -> Accepted:
        invitation, organization, roles = await self._good(tx, find)
        if invitation.email.lower() != user.email.lower():
            raise InvitationForAnother
        now = self.clock()
        role = roles.get(user.id, invitation.role)
        membership = Membership(organization.id, user.id, role, now)
        if user.id not in roles:
            await store.set_membership(tx, membership)
            await self._require_open(tx, user)
            await revoke(tx, user.id)
        await invitation_store.end(tx, invitation.id, InvitationState.ACCEPTED, now, user.id)
        await self.recorder.record_in(
            tx,
            caller or Caller(user.id, CallerKind.USER),
            "member.joined",
            f"invitation:{invitation.id}",
            account_id=organization.id,
            after={"user_id": user.id, "role": role.value},
        )
        return Accepted(membership, organization, invitation.is_mailed)

    async def _require_open(self, tx: Connection, user: User) -> None:
        """Refuse who closed their account meanwhile; from their membership on, who closes it waits for this."""
        present = await people_store.user(tx, user.id)
        if present is None or present.status is Status.CLOSED:
            raise InvitationNotGood

    async def _offer(self, tx: Connection, find: Find) -> Offered:
        invitation, organization, _ = await self._good(tx, find)
        inviter = await people_store.user(tx, invitation.inviter_id)
        return Offered(invitation, organization, "" if inviter is None else inviter.name)

    async def _offer_if_good(self, tx: Connection, invitation: Invitation) -> Offered | None:
        try:
            return await self._offer(tx, partial(invitation_store.to_address, tx, invitation.id, invitation.email))
        except InvitationNotGood:
            return None

    async def _good(self, tx: Connection, find: Find) -> tuple[Invitation, Organization, dict[str, Role]]:
        """What `find` finds, while it can be accepted; its organisation is locked."""
        found = await find()
        if found is None:
            raise InvitationNotGood
        organization = await store.organization(tx, found.org_id, is_locked=True)
        assert organization is not None, "an invitation is to an organisation, and none is ever deleted"
        found = await find()  # as it is now that nobody changes it
        roles = await store.roles_in(tx, organization.id)
        if organization.status is not Status.ACTIVE or found is None or not rules.is_good(found, roles, self.clock()):
            raise InvitationNotGood
        return found, organization, roles


def by_token(tx: Connection, token: str) -> Find:
    """Finds the invitation that has this token."""
    return partial(invitation_store.by_secret, tx, digest(token))
