"""Operations on one payer: an amount taken, given, owed or allowed, or a freeze."""

from fogbank.accounts.ledger.model import Kind
from fogbank.accounts.ledger.posting.operation import AMOUNT_MAX_MICROS, AccountOperation, ReasonedOperation


class Deduct(AccountOperation, frozen=True, kw_only=True, gc=False):
    """Take the whole amount, grants first, or nothing."""

    kind = Kind.DEDUCT


class Charge(AccountOperation, frozen=True, kw_only=True, gc=False):
    """Take what is there, and record the rest as arrears; a negative amount is a refund."""

    kind = Kind.CHARGE
    amount_min_micros = -AMOUNT_MAX_MICROS


class Deposit(AccountOperation, frozen=True, kw_only=True, gc=False):
    """Money came in: it settles arrears, and the rest is credit."""

    kind = Kind.DEPOSIT


class WriteOff(AccountOperation, frozen=True, kw_only=True, gc=False):
    """Give up an amount of what the account owes."""

    kind = Kind.WRITE_OFF


class SetCreditLimit(AccountOperation, frozen=True, kw_only=True, gc=False):
    """Let the account's credit go down to minus this amount."""

    kind = Kind.LIMIT
    amount_min_micros = 0


class Freeze(ReasonedOperation, frozen=True, kw_only=True, gc=False):
    """From now on, let nothing take from the account but charges. The memo is the reason."""

    kind = Kind.FREEZE


class Unfreeze(ReasonedOperation, frozen=True, kw_only=True, gc=False):
    """End a freeze. The memo is the reason."""

    kind = Kind.UNFREEZE
