"""What the portal offers is what the API takes; what a form says is what is asked for."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogbank.compute.thresholds.model import ResourceType
from fogbank.compute.thresholds.rules.units import ABSOLUTE, BELOW, MONEY, PERCENTAGE
from fogbank.portal.rules.limits import RESOURCES, Rights, number_of, offered, rights_of, threshold_type


def test_every_resource_and_unit_of_the_api_is_offered_and_no_other() -> None:
    assert {resource.name for resource in RESOURCES} == {resource.value for resource in ResourceType}
    for resource in RESOURCES:
        kind = ResourceType(resource.name)
        by_type = {"absolute": set(ABSOLUTE[kind]), "percentage": set(PERCENTAGE.get(kind, ()))}
        for type_, units in by_type.items():
            assert {unit.name for unit in resource.units if threshold_type(unit.name) == type_} == units
        assert resource.is_money == (kind in MONEY)
        assert resource.is_low == (kind in BELOW)


@pytest.mark.parametrize(
    ("role", "rights"),
    [
        ("owner", Rights(account=True, instances=True)),
        ("billing", Rights(account=True, instances=True)),
        ("member", Rights(account=False, instances=True)),
        ("viewer", Rights(account=False, instances=False)),
    ],
)
def test_roles_have_their_rights(role: str, rights: Rights) -> None:
    assert rights_of(role, is_organization=True, is_administrator=False) == rights
    assert rights_of(role, is_organization=True, is_administrator=True).account
    assert rights_of("owner", is_organization=False, is_administrator=False).account


def test_members_are_not_offered_what_is_about_money() -> None:
    member = Rights(account=False, instances=True)
    assert not any(resource.is_money for resource in offered(member))
    assert list(offered(Rights(account=True, instances=True))) == list(RESOURCES)


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=6))
def test_numbers_that_the_api_takes_keep_every_digit(number: Decimal) -> None:
    read = number_of(f"{number:f}")
    assert read is not None
    assert Decimal(repr(read)) == number


@given(st.text())
def test_any_text_is_a_number_that_json_can_say_or_none(text: str) -> None:
    read = number_of(text)
    assert read is None or abs(read) < float("inf")


@pytest.mark.parametrize("text", ["", "seven", "NaN", "Infinity", "-inf", "1e999999", "9" * 40, "1,5"])
def test_what_is_no_number_is_none(text: str) -> None:
    assert number_of(text) is None
