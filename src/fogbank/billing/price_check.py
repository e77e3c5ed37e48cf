"""Price check: prices the cases of a file and compares with what each expects. Bytes in, result out.

The file's form is `{"cases": [{"id", "model", "params", "quantity" | "events", "final_segment"?, "expected_amount"}]}`,
numbers as decimal strings. A case that cannot be priced is a wrong one and says why; a file that is not of this form is
refused whole.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec

from fogbank.billing.rules.decimals import NotDecimal, decimal_of, plain_fraction
from fogbank.billing.rules.due import PriceModel, Usage, amount_due, counts_events
from fogbank.billing.rules.reading import PriceUnreadable, read_model


class CasesUnreadable(ValueError):
    """The file is not a file of price cases; the text says why in one sentence."""


class PriceCase(msgspec.Struct, frozen=True):
    """One case as the file writes it; other fields are remarks."""

    id: str
    model: str
    params: dict[str, Any]
    expected_amount: Any
    quantity: Any = None
    events: list[Any] | None = None
    final_segment: bool = True


class PriceCases(msgspec.Struct, frozen=True):
    cases: list[PriceCase]


@dataclass(frozen=True, slots=True)
class CaseResult:
    """How one case came out; `error` says why it could not be priced, and then `got` is None."""

    id: str
    ok: bool
    expected: str
    got: str | None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class CheckResult:
    """All cases and how many are right."""

    cases: list[CaseResult]

    @property
    def right(self) -> int:
        return sum(case.ok for case in self.cases)

    @property
    def is_right(self) -> bool:
        return self.right == len(self.cases)

    def document(self) -> dict[str, Any]:
        """What `fogbank price check --json` prints."""
        cases = [
            {"id": case.id, "ok": case.ok, "expected": case.expected, "got": case.got}
            | ({"error": case.error} if case.error else {})
            for case in self.cases
        ]
        return {"cases": cases, "right": self.right, "total": len(self.cases)}


_decoder = msgspec.json.Decoder(PriceCases, float_hook=Decimal)


def check_prices(document: bytes) -> CheckResult:
    """Price every case of `document`; `CasesUnreadable` where it is not a file of cases."""
    try:
        cases = _decoder.decode(document).cases
    except msgspec.ValidationError as error:
        raise CasesUnreadable(f"not a file of price cases: {error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CasesUnreadable(f"not JSON: {error}") from None
    return CheckResult([_check(case) for case in cases])


def _check(case: PriceCase) -> CaseResult:
    try:
        expected = Fraction(decimal_of(case.expected_amount))
    except NotDecimal as error:
        raise CasesUnreadable(f"case '{case.id}': expected_amount: {error}") from None
    try:
        got = price_case(case)
    except (PriceUnreadable, NotDecimal) as error:
        return CaseResult(case.id, ok=False, expected=str(case.expected_amount), got=None, error=str(error))
    return CaseResult(case.id, ok=got == expected, expected=str(case.expected_amount), got=plain_fraction(got))


def price_case(case: PriceCase) -> Fraction:
    """What is due in `case`, rounded only where its parameters say so."""
    model = read_model(case.model, case.params)
    return amount_due(model, _usage(case, model))


def _usage(case: PriceCase, model: PriceModel) -> Usage:
    if counts_events(model):
        if case.events is None:
            raise PriceUnreadable(f"{case.model}: 'events' is missing")
        return Usage(events=tuple(Fraction(decimal_of(event)) for event in case.events), is_final=case.final_segment)
    if case.quantity is None:
        raise PriceUnreadable(f"{case.model}: 'quantity' is missing")
    return Usage(quantity=Fraction(decimal_of(case.quantity)), is_final=case.final_segment)
