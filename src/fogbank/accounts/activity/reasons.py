"""When an act needs a reason. Pure."""

from collections.abc import Collection

from fogbank.accounts.activity.errors import ReasonNeeded
from fogbank.runtime.auth import Caller, CallerKind


def reason_for(caller: Caller, account_ids_concerned: Collection[str], reason: str) -> str:
    """The reason to record; `ReasonNeeded` where an administrator acts on what is not theirs and gave none.

    What concerns no account at all is the installation's, so nobody's own. Services act for a reason that their code
    knows, and anybody else reaches their own accounts only.
    """
    is_own = bool(account_ids_concerned) and caller.visible_accounts.issuperset(account_ids_concerned)
    is_administrator = caller.is_administrator and caller.kind is not CallerKind.SERVICE
    if is_administrator and not is_own and not reason.strip():
        raise ReasonNeeded
    return reason.strip()
