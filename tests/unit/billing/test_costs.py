"""Costs by interval add up to the month's cost, and parts to their whole, to the last micro-credit."""

from hypothesis import given
from hypothesis import strategies as st

from fogbank.billing.rules.costs import interval_costs, split_among
from fogbank.billing.rules.price_models import Flat, Graduated, Package, PerUnit, QuantityModel, Volume
from fogbank.billing.rules.rating import rate_of
from fogbank.kernel.money import Micros
from fogbank.kernel.quantities import Quantity

models = (
    st.from_type(PerUnit) | st.from_type(Flat) | st.from_type(Graduated) | st.from_type(Volume) | st.from_type(Package)
)
quantities = st.integers(0, 10**10).map(Quantity)


@given(models, st.lists(quantities, min_size=1, max_size=30))
def test_the_costs_of_a_months_intervals_add_up_to_the_months_cost(
    model: QuantityModel, increments: list[Quantity]
) -> None:
    rate = rate_of(model, 3600)
    assert sum(interval_costs(rate, Quantity(0), increments)) == rate.cost_micros(Quantity(sum(increments)))


@given(models, st.lists(quantities, min_size=2, max_size=20), st.data())
def test_a_month_looked_at_in_two_parts_costs_the_same(
    model: QuantityModel, increments: list[Quantity], data: st.DataObject
) -> None:
    rate = rate_of(model, 3600)
    cut = data.draw(st.integers(1, len(increments) - 1))
    earlier, later = increments[:cut], increments[cut:]
    parts = interval_costs(rate, Quantity(0), earlier) + interval_costs(rate, Quantity(sum(earlier)), later)
    if any(earlier):
        assert parts == interval_costs(rate, Quantity(0), increments)


@given(st.integers(-(10**12), 10**12).map(Micros), st.dictionaries(st.text(max_size=3), quantities, min_size=1))
def test_an_instances_parts_add_up_to_the_cost(cost: Micros, used: dict[str, Quantity]) -> None:
    parts = split_among(cost, used)
    assert sum(parts.values()) == cost
    assert parts.keys() == used.keys()
