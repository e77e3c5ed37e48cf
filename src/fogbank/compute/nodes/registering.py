"""Registration: a node shows a one-time token and its key once, and is known by the key from then on."""

from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256

from fogbank.accounts.client import AccountsClient
from fogbank.compute.client.node_proofs import is_signature, registration_text
from fogbank.compute.nodes.acts import Acts
from fogbank.compute.nodes.admitting import Admitted, Newcomer, admit
from fogbank.compute.nodes.errors import (
    NameNotFree,
    NodeRevoked,
    NotVisible,
    ProofWrong,
    Refusal,
    TokenNotGood,
    TokenOfAnother,
    TokenUsed,
)
from fogbank.compute.nodes.keys import PublicKey
from fogbank.compute.nodes.model import Invitation, NodeKey
from fogbank.compute.nodes.names import can_name_a_node
from fogbank.compute.nodes.sign_in.cutting import Cutter
from fogbank.compute.nodes.store import changes, nodes, tokens
from fogbank.compute.nodes.throttle import RegistrationThrottle
from fogbank.runtime.auth import Caller
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection, Database
from fogbank.runtime.entropy import Entropy

INVITATION = "fb_node_"
TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Registration:
    """What a node shows: the token, its name, its public key, and a signature by it over the first two."""

    token: str = field(repr=False)
    node_id: str
    public_key: PublicKey
    proof: str


@dataclass(frozen=True, slots=True)
class Registering:
    """Invites nodes, and registers those that come."""

    database: Database
    clock: Clock
    entropy: Entropy
    accounts: AccountsClient
    acts: Acts
    cutter: Cutter
    throttle: RegistrationThrottle = field(default_factory=RegistrationThrottle)

    async def invite(
        self,
        caller: Caller,
        operator_id: str,
        *,
        node_id: str | None,
        is_self_placing: bool,
        valid_for: timedelta,
        reason: str | None,
    ) -> tuple[str, Invitation]:
        """A one-time token, shown this once, for a node that `operator_id` runs; for that node only where it is named.

        A token that names a node which is there already gives it a new key in place of the old ones.
        """
        if node_id is not None:
            await self._require_free(node_id)
        await self.accounts.account(operator_id)
        invitation = Invitation(node_id, operator_id, is_self_placing, caller.id, self.clock() + valid_for)
        after = {"node_id": node_id, "operator_id": operator_id, "is_self_placing": is_self_placing}
        await self.acts.record(caller, "node.invite", f"node:{node_id or '*'}", reason, after=after)
        token = INVITATION + self.entropy(TOKEN_BYTES).hex()
        async with self.database.transaction() as tx:
            await tokens.insert(tx, _digest(token), invitation)
        return token, invitation

    async def register(self, registration: Registration, address: str) -> NodeKey:
        """Register the key. The same token and key again are the same answer; failures count against `address`."""
        self.throttle.begin(address, self.clock())
        try:
            _require_proof(registration)
            async with self.database.transaction() as tx:
                admitted = await self._register_in(tx, registration)
        except Refusal:
            self.throttle.failed(address, self.clock())
            raise
        self.throttle.succeeded(address)
        return await self._alone(admitted)

    async def register_directly(self, caller: Caller, newcomer: Newcomer, reason: str | None) -> NodeKey:
        """Register a node without a token, for services and administrators. Safe to repeat.

        Another key than the node had takes the place of those at once.
        """
        await self.accounts.account(newcomer.operator_id)
        after = {"operator_id": newcomer.operator_id, "key": newcomer.public_key.id}
        await self.acts.record(caller, "node.register", f"node:{newcomer.node_id}", reason, after=after)
        async with self.database.transaction() as tx:
            admitted = await admit(tx, await changes.as_writer(tx), newcomer, may_replace=True)
        return await self._alone(admitted)

    async def _alone(self, admitted: Admitted) -> NodeKey:
        """The key, once nobody is connected any more by one that it took the place of."""
        if admitted.has_replaced:
            await self.cutter.cut(admitted.key.node_id)
        return admitted.key

    async def _register_in(self, tx: Connection, registration: Registration) -> Admitted:
        now = await changes.as_writer(tx)
        digest = _digest(registration.token)
        invitation = await tokens.find(tx, digest)
        if invitation is None:
            raise TokenNotGood
        if invitation.used_by is not None:
            return Admitted(await _again(tx, invitation.used_by, registration))
        if invitation.expires_at <= self.clock():
            raise TokenNotGood
        if invitation.node_id not in (None, registration.node_id):
            raise TokenOfAnother(str(invitation.node_id))
        newcomer = Newcomer(
            registration.node_id, registration.public_key, invitation.operator_id, invitation.is_self_placing
        )
        admitted = await admit(tx, now, newcomer, may_replace=invitation.node_id is not None)
        await tokens.use(tx, digest, admitted.key.id, now)
        return admitted

    async def _require_free(self, node_id: str) -> None:
        if not can_name_a_node(node_id):
            raise NameNotFree(node_id)
        async with self.database.connection() as connection:
            there = await nodes.node(connection, node_id)
        if there is not None and there.revoked_at is not None:
            raise NodeRevoked(node_id)


async def _again(tx: Connection, used_by: str, registration: Registration) -> NodeKey:
    """The answer that the node may not have heard."""
    key = await nodes.key(tx, used_by)
    if key is None or (key.node_id, key.public_key) != (registration.node_id, registration.public_key.text):
        raise TokenUsed
    there = await nodes.node(tx, key.node_id)
    if there is None:
        raise NotVisible("node", key.node_id)
    if there.revoked_at is not None:
        raise NodeRevoked(there.id)
    return key


def _require_proof(registration: Registration) -> None:
    text = registration_text(registration.token, registration.node_id)
    if not is_signature(text, registration.proof, registration.public_key.raw):
        raise ProofWrong("proof")


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()
