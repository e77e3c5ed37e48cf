"""Who comes in by an issuer, and as whom: by a link that is there, or one that is made for who may have one."""

from dataclasses import dataclass
from typing import Protocol

from fogbank.accounts.activity.recording import Recorder
from fogbank.accounts.errors import Refusal, WrongCredentials
from fogbank.accounts.model import Membership, Status, User
from fogbank.accounts.oidc import flow_store, link_store
from fogbank.accounts.oidc.errors import AddressNotVerified, ConfirmNeeded, DomainNotAllowed, NotAdmitted
from fogbank.accounts.oidc.model import Confirmation, Identity, Issuer, Link
from fogbank.accounts.oidc.rules import FLOW_LIFE, Verdict, confirmed_by, verdict_on
from fogbank.accounts.opaque import ID_BYTES, digest, new_secret
from fogbank.accounts.organizations import store as organization_store
from fogbank.accounts.people import store as people_store
from fogbank.accounts.rules import may_sign_in
from fogbank.accounts.signing_in.errors import SecondFactorNeeded
from fogbank.accounts.signing_in.model import Place, Session, SessionMethod
from fogbank.accounts.signing_in.second_factor import Challenges
from fogbank.kernel.ids import new_id
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection, Database
from fogbank.runtime.entropy import Entropy

REFUSED: dict[Verdict, type[Refusal]] = {
    Verdict.NOT_VERIFIED: AddressNotVerified,
    Verdict.NOT_ALLOWED: DomainNotAllowed,
    Verdict.NOT_ADMITTED: NotAdmitted,
}


class Sessions(Protocol):
    """Opens sessions: signing in does."""

    async def open_session(self, tx: Connection, user_id: str, *, method: str, address: str, agent: str) -> Session: ...


@dataclass(frozen=True, slots=True)
class Entering:
    """Opens sessions for identities."""

    database: Database
    sessions: Sessions
    challenges: Challenges
    recorder: Recorder
    clock: Clock
    entropy: Entropy

    async def enter(self, issuer: Issuer, identity: Identity, binding: str, place: Place) -> Session:
        """A session; or what else it takes, or why there is none.

        `SecondFactorNeeded`, `ConfirmNeeded`, `AddressNotVerified`, `DomainNotAllowed`, `NotAdmitted`, and
        `WrongCredentials` for who may not sign in. Only the browser that has `binding` can confirm.
        """
        async with self.database.transaction() as tx:
            entered = await self._entered(tx, issuer, identity, binding, place)
        # Told after the commit: a challenge or a confirmation is there to be answered.
        if isinstance(entered, Refusal):
            raise entered
        return entered

    async def knows(self, issuer: Issuer, identity: Identity) -> bool:
        """Whether the identity opens an account already: then its address does not matter any more."""
        async with self.database.connection() as connection:
            return await link_store.of_identity(connection, issuer.id, identity.subject) is not None

    async def _entered(
        self, tx: Connection, issuer: Issuer, identity: Identity, binding: str, place: Place
    ) -> Session | Refusal:
        link = await link_store.of_identity(tx, issuer.id, identity.subject)
        if link is None:
            admitted = await self._newcomer(tx, issuer, identity, binding)
            if isinstance(admitted, Refusal):
                return admitted
            link = admitted
        user = await people_store.user(tx, link.user_id)
        if user is None or not may_sign_in(user):
            return WrongCredentials()
        await link_store.used(tx, link.id, self.clock())
        methods = await self.challenges.factors.methods_of(tx, user.id)
        if methods:
            return SecondFactorNeeded(await self.challenges.begin(tx, user.id, SessionMethod.OIDC), methods)
        return await self.sessions.open_session(
            tx, user.id, method=SessionMethod.OIDC, address=place.address, agent=place.agent
        )

    async def _newcomer(self, tx: Connection, issuer: Issuer, identity: Identity, binding: str) -> Link | Refusal:
        """A link of an identity that comes for the first time; or why there is none, or not yet."""
        user = await people_store.user_by_email(tx, identity.email) if identity.is_email_verified else None
        is_invited = user is None and await link_store.is_invited(tx, identity.email, self.clock())
        verdict = verdict_on(issuer, identity, has_account=user is not None, is_invited=is_invited)
        if verdict in REFUSED:
            return REFUSED[verdict]()
        if user is not None:
            confirmation = Confirmation(issuer.id, identity.subject, identity.email, user.id)
            token = new_secret(self.entropy)
            found_by = digest(confirmed_by(token, binding))
            await flow_store.insert_confirmation(tx, found_by, confirmation, self.clock() + FLOW_LIFE)
            return ConfirmNeeded(token, issuer.name, identity.email)
        return await self._admitted(tx, issuer, identity)

    async def _admitted(self, tx: Connection, issuer: Issuer, identity: Identity) -> Link | Refusal:
        """Somebody new, in the issuer's organisation where it has one, without a password."""
        now = self.clock()
        user = User(
            id=new_id("user", self.entropy(ID_BYTES)),
            email=identity.email,
            name=identity.name or identity.email,
            is_administrator=False,
            status=Status.ACTIVE,
            created_at=now,
        )
        if not await people_store.insert_user_once(tx, user):
            return WrongCredentials()  # somebody signed up meanwhile; the next try finds them
        await link_store.confirm_address(tx, user.id, now)
        org_id = await self._joined(tx, issuer, user.id)
        link = Link(
            new_id("link", self.entropy(ID_BYTES)), issuer.id, identity.subject, user.id, identity.email, now, None
        )
        await link_store.insert_once(tx, link)
        after = {"issuer": issuer.id, "organization": org_id}
        await self.recorder.record_in(tx, None, "user.admitted", f"user:{user.id}", account_id=user.id, after=after)
        return link

    async def _joined(self, tx: Connection, issuer: Issuer, user_id: str) -> str | None:
        """The organisation that the issuer brings people into, where they are now; None where there is none."""
        if issuer.org_id is None or issuer.role is None or not issuer.admits_unknown:
            return None
        organization = await organization_store.organization(tx, issuer.org_id)
        if organization is None or organization.status is not Status.ACTIVE:
            return None
        await organization_store.set_membership(tx, Membership(issuer.org_id, user_id, issuer.role, self.clock()))
        return issuer.org_id
