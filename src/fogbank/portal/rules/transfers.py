"""Transfers in the words of people: what the ledger calls them, and the ledger accounts that they move."""

from collections.abc import Mapping

KINDS: Mapping[str, str] = {
    "charge": "Usage",
    "deduct": "Deduction",
    "deposit": "Money paid in",
    "grant": "Credit given",
    "void_grant": "Given credit taken back",
    "expire_grant": "Expired credit put away",
    "expiry": "Credit expired",
    "capture": "Reserved credit taken",
    "transfer": "Moved",
    "post": "Moved",
    "reverse": "Reversal",
    "write_off": "Debt given up",
}
LEGS: Mapping[str, str] = {
    "customer": "Own credit",
    "grant": "Given credit",
    "arrears": "Owed",
    "earnings": "Earnings of an operator",
}
SYSTEM: Mapping[str, str] = {
    "revenue": "Fogbank’s revenue",
    "breakage": "Expired paid credit",
    "tax": "Tax",
    "treasury": "The network’s treasury",
    "deposits": "Money that came in",
    "processor": "The payment processor",
    "custody": "The contracts on chain",
    "promotions": "Fogbank’s promotions",
    "write_offs": "Written off",
    "adjustments": "Corrections by hand",
}
HOLD_STATES: Mapping[str, str] = {
    "open": "open",
    "captured": "taken",
    "released": "freed",
    "expired": "over",
}


def kind_label(kind: str) -> str:
    """`Money paid in`; a kind that has no words here, readable."""
    return KINDS.get(kind) or kind.replace("_", " ").capitalize()


def leg_label(account: str) -> str:
    """What a ledger account is, to whom it concerns: `customer:org_1` is their own credit."""
    kind, _, _ = account.partition(":")
    return LEGS.get(kind) or SYSTEM.get(account) or account
