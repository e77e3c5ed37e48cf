"""The operations that the ledger takes. One that exists is well formed; whether it is allowed, the rules say.

| operation | does |
| --- | --- |
| `Deduct`, `Charge`, `Deposit`, `GrantCredit`, `SetCreditLimit`, `WriteOff` | to one payer, by an amount |
| `Move`, `Post` | from ledger accounts to others: two legs, or 2 to 16 |
| `PlaceHold`, `ExtendHold`, `Capture`, `Release`, `ExpireHold` | reserve credit, for longer, then take or free it |
| `VoidGrant`, `ExpireGrant` | end a grant |
| `Reverse` | mirror a transfer |
| `Freeze`, `Unfreeze` | let nothing be taken from a payer but charges, and again |

`ExpireHold` and `ExpireGrant` are the ledger's own: make them with `of`; nobody may ask for them.
"""

from fogbank.accounts.ledger.posting.grant_operations import ExpireGrant, GrantCredit, VoidGrant
from fogbank.accounts.ledger.posting.hold_operations import Capture, ExpireHold, ExtendHold, PlaceHold, Release
from fogbank.accounts.ledger.posting.leg_operations import Move, Post, Reverse
from fogbank.accounts.ledger.posting.payer_operations import (
    Charge,
    Deduct,
    Deposit,
    Freeze,
    SetCreditLimit,
    Unfreeze,
    WriteOff,
)

__all__ = [
    "AnyOperation",
    "Capture",
    "Charge",
    "Deduct",
    "Deposit",
    "ExpireGrant",
    "ExpireHold",
    "ExtendHold",
    "Freeze",
    "GrantCredit",
    "GrantEnding",
    "HoldOperation",
    "Move",
    "PlaceHold",
    "Post",
    "Release",
    "Reverse",
    "SetCreditLimit",
    "Unfreeze",
    "VoidGrant",
    "WriteOff",
]

HoldOperation = ExtendHold | Capture | Release | ExpireHold
GrantEnding = VoidGrant | ExpireGrant

AnyOperation = (
    Deduct
    | Charge
    | Deposit
    | WriteOff
    | SetCreditLimit
    | Freeze
    | Unfreeze
    | GrantCredit
    | GrantEnding
    | Move
    | Post
    | Reverse
    | PlaceHold
    | HoldOperation
)
