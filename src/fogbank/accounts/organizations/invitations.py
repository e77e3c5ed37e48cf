"""Invitations: an address is asked to join an organisation, by a link that is good once and for seven days."""

from dataclasses import dataclass, field, replace

from fogbank.accounts.activity.reasons import reason_for
from fogbank.accounts.activity.recording import Recorder
from fogbank.accounts.errors import NotVisible
from fogbank.accounts.model import Organization, Permission, Role
from fogbank.accounts.opaque import ID_BYTES, digest, new_secret
from fogbank.accounts.organizations import invitation_store, rules, store
from fogbank.accounts.organizations.access import require, require_giving, visible_organization
from fogbank.accounts.organizations.errors import (
    AlreadyInvited,
    AlreadyMember,
    InvitationNotGood,
    TooManyInvitations,
)
from fogbank.accounts.organizations.mailing_limits import MailingLimits
from fogbank.accounts.organizations.model import Invitation, InvitationState
from fogbank.accounts.people import store as people_store
from fogbank.accounts.signing_in.mailing import Mailing
from fogbank.kernel.ids import new_id
from fogbank.runtime.auth import Caller
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection, Database
from fogbank.runtime.entropy import Entropy

PATH = "/invitations"
"""The portal's page that shows an invitation and accepts it."""
KIND = "invitation"
"""The kind of message, as notifications name it."""
SOMEBODY = "Somebody"
"""Who invites, to the invited, where it is nobody whom we know by name."""


@dataclass(frozen=True, slots=True)
class Sent:
    """An invitation that is on its way; or the `link` of it, this once, where there is no mail server to send it."""

    invitation: Invitation
    link: str | None


@dataclass(frozen=True, slots=True)
class Inviting:
    """Invites, invites again, takes back."""

    database: Database
    recorder: Recorder
    mailing: Mailing
    clock: Clock
    entropy: Entropy
    limits: MailingLimits = field(default_factory=MailingLimits)

    async def invite(self, caller: Caller, org_id: str, email: str, role: Role, reason: str) -> Sent:
        """Ask an address to join as `role`, which must not allow more than the caller's own.

        `AlreadyMember`, `AlreadyInvited`, `InvitedTooOften`, or `TooManyInvitations` where the organisation has
        `INVITATIONS_OPEN_MAX`.
        """
        reason = reason_for(caller, [org_id], reason)
        is_mailed = await self.mailing.is_ready()
        secret = new_secret(self.entropy)
        async with self.database.transaction() as tx:
            organization = await visible_organization(tx, caller, org_id, is_locked=True)
            own = await require_giving(tx, caller, organization, role)
            await self._require_free(tx, org_id, email)
            now = self.clock()
            if is_mailed:
                self.limits.take(caller.id, email, now)
            invitation = Invitation(
                id=new_id("invitation", self.entropy(ID_BYTES)),
                org_id=org_id,
                email=email,
                role=role,
                inviter_id=caller.id,
                inviter_role=own,
                is_mailed=is_mailed,
                state=InvitationState.OPEN,
                created_at=now,
                sent_at=now,
                expires_at=now + rules.INVITATION_LIFE,
            )
            await invitation_store.insert(tx, invitation, digest(secret))
            sent = await self._sent(tx, organization, invitation, await self._name_of(tx, caller), secret)
            await self._record(tx, caller, "invited", invitation, reason)
        return sent

    async def resend(self, caller: Caller, org_id: str, invitation_id: str, reason: str) -> Sent:
        """Invite again, for another seven days, by a new link; the old one is good no longer. `InvitedTooOften`."""
        reason = reason_for(caller, [org_id], reason)
        is_mailed = await self.mailing.is_ready()
        secret = new_secret(self.entropy)
        async with self.database.transaction() as tx:
            organization = await visible_organization(tx, caller, org_id, is_locked=True)
            found = await self._open(tx, org_id, invitation_id)
            own = await require_giving(tx, caller, organization, found.role)
            now = self.clock()
            again = replace(
                found,
                inviter_id=caller.id,
                inviter_role=own,
                is_mailed=is_mailed,
                sent_at=now,
                expires_at=now + rules.INVITATION_LIFE,
            )
            if found.expires_at <= now:
                await self._require_room(tx, org_id)
            if is_mailed:
                self.limits.take(caller.id, found.email, now)
            await invitation_store.renew(tx, again, digest(secret))
            sent = await self._sent(tx, organization, again, await self._name_of(tx, caller), secret)
            await self._record(tx, caller, "invited_again", again, reason)
        return sent

    async def revoke(self, caller: Caller, org_id: str, invitation_id: str, reason: str) -> None:
        """Take an open invitation back; its link is good no longer."""
        reason = reason_for(caller, [org_id], reason)
        async with self.database.transaction() as tx:
            organization = await visible_organization(tx, caller, org_id, is_locked=True)
            found = await self._open(tx, org_id, invitation_id)
            await require(tx, caller, organization, Permission.MANAGE_MEMBERS)
            await invitation_store.end(tx, invitation_id, InvitationState.REVOKED, self.clock())
            await self._record(tx, caller, "uninvited", found, reason)

    async def of(
        self, caller: Caller, org_id: str, after: str, limit: int, *, with_ended: bool = True
    ) -> list[Invitation]:
        """The organisation's invitations by id, for who may invite; those that were accepted or revoked on demand."""
        now = self.clock()
        async with self.database.transaction() as tx:
            organization = await visible_organization(tx, caller, org_id)
            await require(tx, caller, organization, Permission.MANAGE_MEMBERS)
            found = await invitation_store.after(tx, org_id, after, limit, with_ended=with_ended)
        return [replace(each, state=rules.state_of(each, now)) for each in found]

    async def _open(self, tx: Connection, org_id: str, invitation_id: str) -> Invitation:
        found = await invitation_store.invitation(tx, org_id, invitation_id)
        if found is None:
            raise NotVisible("invitation", invitation_id)
        if found.state is not InvitationState.OPEN:
            raise InvitationNotGood
        return found

    async def _require_free(self, tx: Connection, org_id: str, email: str) -> None:
        """Refuse an address that is in already or that was asked, and more invitations than may be open."""
        roles = await store.roles_in(tx, org_id)
        members = await people_store.users_by_ids(tx, list(roles))
        if email.lower() in {user.email.lower() for user in members.values()}:
            raise AlreadyMember
        earlier = await invitation_store.open_for(tx, org_id, email)
        if earlier is not None and rules.is_good(earlier, roles, self.clock()):
            raise AlreadyInvited(earlier.id)
        if earlier is not None:  # its time is over, or who sent it may invite no more
            await invitation_store.end(tx, earlier.id, InvitationState.REVOKED, self.clock())
        await self._require_room(tx, org_id)

    async def _require_room(self, tx: Connection, org_id: str) -> None:
        if await invitation_store.count_open(tx, org_id, self.clock()) >= rules.INVITATIONS_OPEN_MAX:
            raise TooManyInvitations(rules.INVITATIONS_OPEN_MAX)

    async def _name_of(self, tx: Connection, caller: Caller) -> str:
        user = await people_store.user(tx, caller.id)
        return SOMEBODY if user is None else user.name

    async def _record(self, tx: Connection, caller: Caller, verb: str, invitation: Invitation, reason: str) -> None:
        # Not the address: it is somebody's who may ask us to forget it, and the log forgets nothing.
        await self.recorder.record_in(
            tx,
            caller,
            f"member.{verb}",
            f"invitation:{invitation.id}",
            account_id=invitation.org_id,
            reason=reason,
            after={"role": invitation.role.value},
        )

    async def _sent(
        self, tx: Connection, organization: Organization, invitation: Invitation, inviter: str, secret: str
    ) -> Sent:
        link = self.mailing.link(PATH, secret)
        if not invitation.is_mailed:
            return Sent(invitation, link)
        data = {
            "organization": organization.name,
            "inviter": inviter,
            "role": invitation.role.value,
            "link": link,
        }
        await self.mailing.post_in(tx, invitation.email, KIND, data)
        return Sent(invitation, None)
