"""What the ledger refuses, as facts with their data.

LedgerError
├── Refused                 this operation, for good reason; the ledger is unchanged
│   ├── NotAnOperation      a field holds what no operation may
│   ├── BalanceTooLow       it would pass the account's floor
│   ├── TransferConflict    the id was used before, for something else
│   ├── HoldNotFound
│   ├── HoldNotOpen         captured, released or expired before
│   ├── CaptureExceedsHold
│   ├── AccountOutOfRange   it would take a ledger account where it cannot be
│   ├── AccountFrozen       it would take from a frozen account, or freeze it again
│   ├── AccountNotFrozen
│   ├── GrantNotFound
│   ├── GrantEnded          expired or voided before
│   ├── NotYetExpired       a hold or grant whose time is not up
│   ├── TransferNotFound
│   ├── NotReversible       a kind of transfer that has no mirror
│   └── AlreadyReversed
└── LedgerUnavailable       nothing was written; repeat with the same id
"""


class LedgerError(Exception):
    """Anything the ledger says instead of an answer."""


class Refused(LedgerError):
    """The operation was not done, and repeating it changes nothing until the accounts do."""


class NotAnOperation(Refused, ValueError):
    """A field holds what no operation may."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field} {reason}")
        self.field = field
        self.reason = reason


class BalanceTooLow(Refused):
    """The account would pass its floor. All amounts in micro-credits."""

    def __init__(self, account_id: str, *, amount: int, balance: int, available: int, floor: int) -> None:
        super().__init__(f"account {account_id} has {available} micro-credits available above {floor}, not {amount}")
        self.account_id = account_id
        self.amount_micros = amount
        self.balance_micros = balance
        self.available_micros = available
        self.floor_micros = floor


class TransferConflict(Refused):
    """The id was used before, for something else."""

    def __init__(self, transfer_id: str) -> None:
        super().__init__(f"transfer {transfer_id} was posted before with other content")
        self.transfer_id = transfer_id


class HoldNotFound(Refused):
    """No hold has this id."""

    def __init__(self, hold_id: str) -> None:
        super().__init__(f"there is no hold {hold_id}")
        self.hold_id = hold_id


class HoldNotOpen(Refused):
    """The hold was captured, released or expired before."""

    def __init__(self, hold_id: str, state: str) -> None:
        super().__init__(f"hold {hold_id} is {state}")
        self.hold_id = hold_id
        self.state = state


class CaptureExceedsHold(Refused):
    """More was to be captured than was held."""

    def __init__(self, hold_id: str, *, amount: int, held: int) -> None:
        super().__init__(f"hold {hold_id} holds {held} micro-credits, not {amount}")
        self.hold_id = hold_id
        self.amount_micros = amount
        self.held_micros = held


class AccountOutOfRange(Refused):
    """A ledger account would go where it cannot be: arrears above zero, a grant below it, a balance past 2^63."""

    def __init__(self, name: str, balance: int) -> None:
        super().__init__(f"ledger account {name} cannot have a balance of {balance} micro-credits")
        self.name = name
        self.balance_micros = balance


class AccountFrozen(Refused):
    """The account is frozen: nothing takes from it but charges."""

    def __init__(self, account_id: str) -> None:
        super().__init__(f"account {account_id} is frozen")
        self.account_id = account_id


class AccountNotFrozen(Refused):
    """There is no freeze to end."""

    def __init__(self, account_id: str) -> None:
        super().__init__(f"account {account_id} is not frozen")
        self.account_id = account_id


class GrantNotFound(Refused):
    """No grant has this id."""

    def __init__(self, grant_id: str) -> None:
        super().__init__(f"there is no grant {grant_id}")
        self.grant_id = grant_id


class GrantEnded(Refused):
    """The grant expired or was voided before: nothing can be taken from it, or go back to it."""

    def __init__(self, grant_id: str) -> None:
        super().__init__(f"grant {grant_id} has ended")
        self.grant_id = grant_id


class NotYetExpired(Refused):
    """The time of the hold or grant is not up."""

    def __init__(self, target_id: str) -> None:
        super().__init__(f"{target_id} has not expired")
        self.target_id = target_id


class TransferNotFound(Refused):
    """No transfer has this id."""

    def __init__(self, transfer_id: str) -> None:
        super().__init__(f"there is no transfer {transfer_id}")
        self.transfer_id = transfer_id


class NotReversible(Refused):
    """Transfers of this kind have no mirror: they moved nothing, or what they ended is gone."""

    def __init__(self, transfer_id: str, kind: str) -> None:
        super().__init__(f"transfer {transfer_id} is of kind {kind}, which cannot be reversed")
        self.transfer_id = transfer_id
        self.kind = kind


class AlreadyReversed(Refused):
    """The transfer was reversed before, by the transfer `reversal_id`."""

    def __init__(self, transfer_id: str, reversal_id: str) -> None:
        super().__init__(f"transfer {transfer_id} was reversed by {reversal_id}")
        self.transfer_id = transfer_id
        self.reversal_id = reversal_id


class LedgerUnavailable(LedgerError):
    """The database did not take the batch. Nothing of it is known to be written; repeat it with the same ids."""
