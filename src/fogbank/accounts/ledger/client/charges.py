"""What is charged to accounts, thousands at once."""

from dataclasses import dataclass

from fogbank.accounts.ledger.client.values import AccountId, Memo, OperationId, SignedAmount


@dataclass(frozen=True, slots=True)
class ChargeRequest:
    """What to charge; negative is a refund."""

    id: OperationId
    account_id: AccountId
    amount: SignedAmount
    memo: Memo = ""


@dataclass(frozen=True, slots=True)
class ChargeResult:
    """A charge as it was posted, and where it came from."""

    id: str
    account_id: str
    amount: str
    from_grants: str
    from_credit: str
    to_arrears: str
    transfer_id: str


@dataclass(frozen=True, slots=True)
class RefusedCharge:
    """A charge that was not posted, with what its problem would be if it were alone."""

    id: str
    status: int
    kind: str
    detail: str


@dataclass(frozen=True, slots=True)
class PostedChargesView:
    """What became of each charge, in the order asked."""

    results: list[ChargeResult]
    refused: list[RefusedCharge]
