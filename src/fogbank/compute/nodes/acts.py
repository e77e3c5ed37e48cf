"""What administrators do to nodes and placements, told to the activity log before it is done."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fogbank.compute.nodes.errors import ReasonMissing
from fogbank.kernel.ids import new_id
from fogbank.runtime.activity import ActivityLog
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.entropy import Entropy

ID_BYTES = 12


def require_reason(caller: Caller, reason: str | None) -> None:
    """`ReasonMissing` where an administrator gives none. To be asked before anything of the act is done."""
    if reason is None and caller.kind is not CallerKind.SERVICE:
        raise ReasonMissing


@dataclass(frozen=True, slots=True)
class Acts:
    """Writes acts down. Services say why only where somebody acts through them."""

    log: ActivityLog
    entropy: Entropy

    async def record(
        self,
        caller: Caller,
        action: str,
        subject: str,
        reason: str | None,
        *,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        """Write the act down; `ReasonMissing` where an administrator gives none."""
        require_reason(caller, reason)
        if reason is None:
            return
        await self.log.record_activity(
            id_=new_id(action, self.entropy(ID_BYTES)),
            actor_id=caller.id,
            action=action,
            subject=subject,
            reason=reason,
            before=before,
            after=after,
        )
