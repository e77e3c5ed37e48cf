"""What other components may know of the ledger: its views and a typed client.

Money is decimal strings of credits; instants are RFC 3339 in UTC. Everything that is posted has an id that its caller
chooses: the same id with the same content is answered as the first time, with other content it is `Problem` 409.
"""

from fogbank.accounts.ledger.client.acts import ForceName, FreezeRequest, ReversalRequest, VoidRequest, WriteOffRequest
from fogbank.accounts.ledger.client.balances import BalanceHistoryView, BalanceView, DayBalance, GrantView, RunwayView
from fogbank.accounts.ledger.client.charges import ChargeRequest, ChargeResult, PostedChargesView, RefusedCharge
from fogbank.accounts.ledger.client.credits import CreditLimitRequest, DepositRequest, GrantKindName, GrantRequest
from fogbank.accounts.ledger.client.deductions import AccountDeduction, Deduction, DeductionResult, DeductionsView
from fogbank.accounts.ledger.client.figures import ChainView, LedgerFigures
from fogbank.accounts.ledger.client.holds import CaptureRequest, ExtendRequest, HoldRequest, HoldsView, HoldView
from fogbank.accounts.ledger.client.ledger import LedgerClient
from fogbank.accounts.ledger.client.paths import ACCOUNTS_PATH, CHARGES_MAX, DEDUCTIONS_MAX, LEDGER_PATH, LINES_MAX
from fogbank.accounts.ledger.client.statements import KindSum, StatementLine, StatementView
from fogbank.accounts.ledger.client.transfers import (
    DeductRequest,
    LegRequest,
    LegView,
    PostedTransfer,
    TransferRequest,
    TransfersView,
    TransferView,
)

__all__ = [
    "ACCOUNTS_PATH",
    "CHARGES_MAX",
    "DEDUCTIONS_MAX",
    "LEDGER_PATH",
    "LINES_MAX",
    "AccountDeduction",
    "BalanceHistoryView",
    "BalanceView",
    "CaptureRequest",
    "ChainView",
    "ChargeRequest",
    "ChargeResult",
    "CreditLimitRequest",
    "DayBalance",
    "DeductRequest",
    "Deduction",
    "DeductionResult",
    "DeductionsView",
    "DepositRequest",
    "ExtendRequest",
    "ForceName",
    "FreezeRequest",
    "GrantKindName",
    "GrantRequest",
    "GrantView",
    "HoldRequest",
    "HoldView",
    "HoldsView",
    "KindSum",
    "LedgerClient",
    "LedgerFigures",
    "LegRequest",
    "LegView",
    "PostedChargesView",
    "PostedTransfer",
    "RefusedCharge",
    "ReversalRequest",
    "RunwayView",
    "StatementLine",
    "StatementView",
    "TransferRequest",
    "TransferView",
    "TransfersView",
    "VoidRequest",
    "WriteOffRequest",
]
