"""`fogbank price check`: prices what a file says, and says plainly what it cannot price."""

import json
from typing import Any

import pytest

from fogbank.billing.price_check import CasesUnreadable, check_prices

TIERS = [
    {"up_to": "5", "unit_price": "0", "flat_price": "100"},
    {"up_to": None, "unit_price": "5", "flat_price": "0"},
]


def case(model: str, params: dict[str, Any], expected: str, **rest: Any) -> dict[str, Any]:
    return {"id": "one", "model": model, "params": params, "expected_amount": expected, "quantity": "10"} | rest


def check(*cases: dict[str, Any]) -> dict[str, Any]:
    return check_prices(json.dumps({"about": "…", "cases": list(cases)}).encode()).document()


@pytest.mark.parametrize(
    "right",
    [
        case("flat_per_unit", {"unit_price": "5.12345"}, "51.2345"),
        case("flat_per_unit", {"unit_price": "0.3335", "round_to": "0.01"}, "3.34"),
        case("graduated", {"tiers": TIERS, "tier_bound": "inclusive", "flat_at_zero": True}, "100", quantity="0"),
        case("graduated", {"tiers": TIERS}, "0", quantity="0"),
        case("graduated", {"tiers": TIERS}, "100.005", quantity="5.001"),
        case("volume", {"tiers": TIERS}, "25.005", quantity="5.001"),
        case("volume", {"tiers": TIERS}, "0", final_segment=False),
        case("package", {"package_size": "3", "package_price": "2", "round": "up"}, "8"),
        case("package", {"package_size": "3", "package_price": "2", "round": "down"}, "6"),
        case("package", {"package_size": "3", "package_price": "2", "free_quantity": "200"}, "0"),
        case("percentage", {"rate_percent": "1.3", "free_events": 1}, "1.3", events=["50", "100"], quantity=None),
        case("minimum", {"base": {"model": "flat_per_unit", "params": {"unit_price": "1"}}, "minimum": "100"}, "100"),
        case(
            "minimum",
            {"base": {"model": "flat_per_unit", "params": {"unit_price": "1"}}, "minimum": "100"},
            "10",
            final_segment=False,
        ),
    ],
)
def test_a_case_that_is_priced_as_expected_is_right(right: dict[str, Any]) -> None:
    result = check(right)
    assert result["right"] == result["total"] == 1, result
    assert result["cases"][0].keys() == {"id", "ok", "expected", "got"}


def test_equal_amounts_are_equal_however_they_are_written() -> None:
    assert check(case("flat_per_unit", {"unit_price": "0.10"}, "1.000"))["right"] == 1


def test_a_case_that_differs_says_what_it_came_to() -> None:
    result = check(case("flat_per_unit", {"unit_price": "2"}, "19"))
    assert result == {"cases": [{"id": "one", "ok": False, "expected": "19", "got": "20"}], "right": 0, "total": 1}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (case("flat_per_unit", {"unit_price": "2", "discount": "1"}, "1"), "flat_per_unit: 'discount' is not known"),
        (case("flat_per_unit", {}, "1"), "flat_per_unit: 'unit_price' is missing"),
        (case("flat_per_unit", {"unit_price": "1e3"}, "1"), "'unit_price' cannot be read: '1e3' is not a decimal"),
        (case("flat_per_unit", {"unit_price": "NaN"}, "1"), "'NaN' is not a decimal"),
        (case("flat_per_unit", {"unit_price": "1" * 40}, "1"), "more than 38 digits"),
        (case("flat_per_unit", {"unit_price": "-1"}, "1"), "must not be negative"),
        (case("stairstep", {}, "1"), "'stairstep' is not a price model"),
        (case("graduated", {"tiers": TIERS, "tier_bound": "exclusive"}, "1"), "must be inclusive, not 'exclusive'"),
        (case("graduated", {"tiers": TIERS[:1]}, "1"), "the last tier must be open-ended"),
        (case("graduated", {"tiers": [{"from": "1"}]}, "1"), "graduated tier 1: 'from' is not known"),
        (case("package", {"package_size": "0", "package_price": "1"}, "1"), "'package_size' must be above zero"),
        (case("package", {"package_size": "1", "package_price": "1", "round": "half"}, "1"), "up or down, not 'half'"),
        (case("percentage", {"rate_percent": "1"}, "1"), "percentage: 'events' is missing"),
        (case("percentage", {"rate_percent": "1", "free_events": "1.5"}, "1", events=[]), "must be a whole number"),
        (case("minimum", {"base": {"model": "flat_per_unit"}, "minimum": "1"}, "1"), "'params' is missing"),
        (case("flat_per_unit", {"unit_price": "1"}, "1", quantity=None), "flat_per_unit: 'quantity' is missing"),
        (case("flat_per_unit", {"unit_price": "1"}, "1", quantity="a few"), "'a few' is not a decimal"),
    ],
)
def test_a_case_that_cannot_be_priced_is_wrong_and_says_why(wrong: dict[str, Any], said: str) -> None:
    result = check(wrong, case("flat_per_unit", {"unit_price": "1"}, "10"))
    assert said in result["cases"][0]["error"]
    assert result["cases"][0]["got"] is None
    assert result["right"] == 1, "the other case is still checked"


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[]", "not a file of price cases"),
        (b"{}", "missing required field `cases`"),
        (b'{"cases":[{"id":"x"}]}', "missing required field `model`"),
        (
            b'{"cases":[{"id":"x","model":"flat_per_unit","params":{},"expected_amount":"much"}]}',
            "case 'x': expected_amount: 'much' is not a decimal number",
        ),
    ],
)
def test_a_file_of_another_form_is_refused_in_one_sentence(document: bytes, said: str) -> None:
    with pytest.raises(CasesUnreadable, match=r"(?s)^[^\n]+$") as refused:
        check_prices(document)
    assert said in str(refused.value)


def test_bare_numbers_are_read_exactly_and_never_as_binary_floats() -> None:
    document = (
        b'{"cases":[{"id":"x","model":"flat_per_unit","params":{"unit_price":0.1},"quantity":3,"expected_amount":0.3}]}'
    )
    assert check_prices(document).is_right
