"""Kinds of text in the ledger's requests, as the API's description states them.

The ledger itself refuses what does not fit, with a sentence that says what to do, so they only describe.
"""

from typing import Annotated

from pydantic import WithJsonSchema

ID = r"^[A-Za-z0-9_.:-]{1,128}$"
OPERATION_ID = r"^(?!expire_(grant|hold):)[A-Za-z0-9_.:-]{1,200}$"
HOLD_ID = r"^(?!expire_(grant|hold):)[A-Za-z0-9_.:-]{1,190}$"
LEDGER_ACCOUNT = r"^[a-z_]{3,11}(:[A-Za-z0-9_.:-]{1,200})?$"
WITHOUT_CONTROLS = r"^[^\x00-\x1f\x7f]*$"
KEY = r"^[!-~]{1,255}$"
UNSIGNED, SIGNED = r"^[0-9]{1,12}(\.[0-9]{1,6})?$", r"^-?[0-9]{1,12}(\.[0-9]{1,6})?$"


def _text(description: str, pattern: str, length_max: int | None = None) -> WithJsonSchema:
    limit = {} if length_max is None else {"maxLength": length_max}
    return WithJsonSchema({"type": "string", "description": description, "pattern": pattern, **limit})


Amount = Annotated[str, _text("Credits, above zero, with up to six decimals.", UNSIGNED)]
SignedAmount = Annotated[str, _text("Credits with up to six decimals; below zero it goes the other way.", SIGNED)]
LimitAmount = Annotated[str, _text("Credits, zero or more, with up to six decimals.", UNSIGNED)]
AccountId = Annotated[str, _text("Whose money: an organisation's or a user's id.", ID)]
OperationId = Annotated[str, _text("Chosen by who asks, once and for ever.", OPERATION_ID)]
HoldId = Annotated[str, _text("Chosen by who asks, once and for ever; what ends the hold is named after it.", HOLD_ID)]
TransferId = Annotated[str, _text("The id of a transfer that was posted.", r"^[A-Za-z0-9_.:-]{1,200}$")]
ItemKey = Annotated[str, _text("Names this deduction of its account for ever, as `Idempotency-Key` does.", KEY)]
LedgerAccount = Annotated[str, _text("A ledger account's name: `customer:…`, `revenue` and so on.", LEDGER_ACCOUNT)]
Memo = Annotated[str, _text("For people to read.", WITHOUT_CONTROLS, 500)]
