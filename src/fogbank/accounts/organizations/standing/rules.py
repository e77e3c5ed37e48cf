"""Which standing follows which. Pure; what a role still allows then is in `client/permissions.py`."""

from fogbank.accounts.model import Account, Status
from fogbank.accounts.organizations.standing.errors import ClosedForGood, NameDiffers, NotSettled
from fogbank.accounts.organizations.standing.model import Funds
from fogbank.events.signals import SignalType

SIGNALS = {
    Status.ACTIVE: SignalType.ACCOUNT_RESTORED,
    Status.SUSPENDED: SignalType.ACCOUNT_SUSPENDED,
    Status.CLOSED: SignalType.ACCOUNT_CLOSED,
}
"""What is told when an account comes into a standing."""

PLACEHOLDER_NAME = "Closed account"


def require_change(account: Account, status: Status) -> bool:
    """Whether there is anything to change; `ClosedForGood` for what is closed and shall be anything else."""
    if account.status is Status.CLOSED and status is not Status.CLOSED:
        raise ClosedForGood(account.id)
    return account.status is not status


def require_closable(account: Account, funds: Funds, typed_name: str) -> None:
    """`NameDiffers` or `NotSettled` where its owner may not close it yet."""
    if typed_name.strip() != account.name:
        raise NameDiffers
    if funds.balance_micros < 0 or funds.holds:
        raise NotSettled(funds.balance_micros, funds.holds)


def placeholder_email(user_id: str) -> str:
    """An address that is nobody's, and never will be: `.invalid` is reserved for that (RFC 2606)."""
    return f"{user_id}@closed.invalid"
