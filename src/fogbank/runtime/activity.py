"""The activity log, as those see it who write to it. Accounts keep it; their client is one of these."""

from collections.abc import Mapping
from typing import Any, Protocol


class ActivityLog(Protocol):
    """Where acts of administrators are written down before they are done."""

    async def record_activity(
        self,
        *,
        id_: str,
        actor_id: str,
        action: str,
        subject: str,
        reason: str,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        account_id: str = "",
    ) -> object:
        """Write an act; the same again is the same entry. `account_id` is whose matter it is, if it is an account's."""
        ...
