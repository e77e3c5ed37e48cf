"""What accounts' own services record: an act of whoever calls, in the transaction that does it."""

from dataclasses import dataclass

from fogbank.accounts.activity import writing
from fogbank.accounts.activity.model import Act, ActorKind, Source, State
from fogbank.accounts.opaque import ID_BYTES
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection
from fogbank.runtime.entropy import Entropy
from fogbank.runtime.origin import NOWHERE, present_origin
from fogbank.runtime.request_id import current_request_id

CHANGED = "changed"
"""What the log says instead of a person's address, name, or what they call their own: it can forget nothing."""


@dataclass(frozen=True, slots=True)
class Recorder:
    """Records acts under ids, at instants and from addresses that it finds out itself."""

    clock: Clock
    entropy: Entropy

    async def record_in(
        self,
        tx: Connection,
        caller: Caller | None,
        action: str,
        subject: str,
        *,
        account_id: str,
        reason: str = "",
        before: State = None,
        after: State = None,
    ) -> None:
        """Write an act of `caller`, which is in the log exactly if the rest of the transaction is done.

        `action` is `<subject>.<verb>`, such as `api_key.created`; `subject` names the thing, such as `api_key:key_1`;
        `account_id` is whose matter it is, empty for the installation's. No caller is somebody who is not signed in,
        or Fogbank by itself. Never a secret in `before` or `after`, and nothing that a person may ask us to forget.

        Record last: until the transaction ends, everybody else who records waits, so that the chain has no gaps.
        """
        act = Act(
            id=f"act_{self.entropy(ID_BYTES).hex()}",
            actor_id="" if caller is None else caller.id,
            action=action,
            subject=subject,
            reason=reason,
            before=before,
            after=after,
            account_id=account_id,
            actor_kind=actor_kind_of(caller),
            source=source_of(caller),
        )
        await writing.append(tx, act, self.clock())


def actor_kind_of(caller: Caller | None) -> ActorKind:
    """What sort of actor a caller is; a key or token that does not carry its administrator's powers is a user's."""
    if caller is None:
        return ActorKind.SYSTEM if present_origin() is NOWHERE else ActorKind.NOBODY
    if caller.kind is CallerKind.USER and caller.is_administrator:
        return ActorKind.ADMINISTRATOR
    return ActorKind(caller.kind.value)


def source_of(caller: Caller | None) -> Source:
    """Where the request at hand comes from: the address that the caller's token carries, else the connection's."""
    origin = present_origin()
    return Source(
        address=origin.address if caller is None else caller.address or origin.address,
        agent=origin.agent,
        credential_id="" if caller is None else caller.key_id or caller.session_id,
        request_id=current_request_id() or "",
    )
