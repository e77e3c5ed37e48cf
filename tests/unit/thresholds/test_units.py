"""Units: what can be checked is converted exactly, and what cannot is refused with what can."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogbank.compute.thresholds.errors import NotAllowed
from fogbank.compute.thresholds.model import (
    EVERY_ACCOUNT,
    Action,
    ResourceType,
    Subject,
    SubjectKind,
    Terms,
    ThresholdType,
)
from fogbank.compute.thresholds.rules.units import (
    ABSOLUTE,
    PERCENTAGE,
    VALUE_MAX,
    base_micros,
    is_of_each_instance,
    micros_of_number,
    number_of_micros,
    require_checkable,
    text_in_units,
    unit_of,
)

ANN = Subject(SubjectKind.USER, "user_ann")
MACHINE = Subject(SubjectKind.INSTANCE, "vm-1")
STORAGE = Terms(ANN, ResourceType.STORAGE, ThresholdType.ABSOLUTE, 500_000_000, "GB", Action.LOG)


def terms(resource: str, units: str, value: str, kind: str = "absolute", subject: Subject = ANN) -> Terms:
    micros = micros_of_number("threshold_value", Decimal(value))
    return Terms(subject, ResourceType(resource), ThresholdType(kind), micros, units, Action.LOG)


def test_the_published_example_is_500_gb() -> None:
    require_checkable(STORAGE)
    assert base_micros(STORAGE) == 500_000_000


@pytest.mark.parametrize(
    ("resource", "units", "value", "micros"),
    [
        ("storage", "TB", "0.5", 500_000_000),
        ("memory", "MB", "512", 512_000),
        ("network_egress", "Mbit/s", "100", 12_500_000),
        ("network_ingress", "GB", "2", 2_000_000_000),
        ("spend", "credits/hour", "1.5", 36_000_000),
        ("runway", "days", "3", 3 * 86_400 * 1_000_000),
        ("balance", "credits", "-10", -10_000_000),
    ],
)
def test_a_limit_is_converted_exactly(resource: str, units: str, value: str, micros: int) -> None:
    limited = terms(resource, units, value)
    require_checkable(limited)
    assert base_micros(limited) == micros
    assert text_in_units(limited, micros) == value


@pytest.mark.parametrize(
    ("refused", "field", "says"),
    [
        (terms("storage", "%", "80", "percentage"), "threshold_type", "use absolute, MB, GB, TB"),
        (terms("spend", "%", "80", "percentage"), "threshold_type", "use absolute, credits/hour"),
        (terms("cpu", "GB", "80"), "units", "use one of cores, cpu_seconds"),
        (terms("cpu", "cores", "80", "percentage"), "units", "use one of %"),
        (terms("balance", "credits", "80", subject=MACHINE), "instance_id", "name a user_id or an org_id"),
        (terms("cpu", "cores", "0"), "threshold_value", "more than 0"),
        (terms("cpu", "cores", "-1"), "threshold_value", "more than 0"),
        (terms("storage", "MB", "0.000001"), "threshold_value", "fewer decimals"),
    ],
)
def test_what_could_never_be_checked_is_refused_with_what_can(refused: Terms, field: str, says: str) -> None:
    with pytest.raises(NotAllowed) as error:
        require_checkable(refused)
    assert error.value.field == field
    assert says in error.value.reason


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1000000001", "-1e30", "0.0000001"])
def test_a_number_that_cannot_be_kept_is_refused(value: str) -> None:
    with pytest.raises(NotAllowed):
        micros_of_number("threshold_value", Decimal(value))


@given(st.integers(-VALUE_MAX * 1_000_000, VALUE_MAX * 1_000_000))
def test_a_number_goes_through_json_and_back_without_losing_a_digit(micros: int) -> None:
    number = msgspec.json.decode(msgspec.json.encode(number_of_micros(micros)))
    assert micros_of_number("threshold_value", Decimal(str(number))) == micros


@given(st.integers(1, VALUE_MAX * 1_000_000), st.data())
def test_whatever_is_let_through_is_exact(micros: int, data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(ThresholdType))
    table = ABSOLUTE if kind is ThresholdType.ABSOLUTE else PERCENTAGE
    resource = data.draw(st.sampled_from(sorted(table)))
    limited = replace(
        STORAGE,
        resource_type=resource,
        threshold_type=kind,
        units=data.draw(st.sampled_from(sorted(table[resource]))),
        value_micros=micros,
    )
    exact = micros * unit_of(limited).base_units
    if exact.denominator == 1:
        require_checkable(limited)
        assert Fraction(base_micros(limited)) == exact
    else:
        with pytest.raises(NotAllowed):
            require_checkable(limited)


def test_a_part_of_the_whole_is_of_each_instance_and_an_amount_is_of_all_together() -> None:
    for subject in (ANN, EVERY_ACCOUNT):
        assert is_of_each_instance(terms("cpu", "%", "80", "percentage", subject))
        assert not is_of_each_instance(terms("cpu", "cores", "8", subject=subject))
    assert is_of_each_instance(terms("cpu", "cores", "8", subject=MACHINE))
