"""Random prices for every test of this folder: `from_type(Graduated)` and its like draw these."""

from decimal import Decimal

from hypothesis import strategies as st

from fogbank.billing.rules.price_models import Flat, Graduated, Package, PerUnit, Tier, Volume

prices = st.decimals(min_value=0, max_value=1000, places=6) | st.decimals(min_value=0, max_value=1, places=18)
sizes = st.decimals(min_value=Decimal("0.001"), max_value=5000, places=3)


@st.composite
def tiers(draw: st.DrawFn) -> tuple[Tier, ...]:
    bounds = sorted(draw(st.sets(sizes, max_size=9)))
    return tuple(Tier(bound, draw(prices), draw(prices)) for bound in [*bounds, None])


st.register_type_strategy(PerUnit, st.builds(PerUnit, prices))
st.register_type_strategy(Flat, st.builds(Flat, prices, st.booleans()))
st.register_type_strategy(Graduated, st.builds(Graduated, tiers(), st.booleans()))
st.register_type_strategy(Volume, st.builds(Volume, tiers(), st.booleans()))
st.register_type_strategy(
    Package, st.builds(Package, sizes, prices, st.decimals(min_value=0, max_value=100, places=3), st.booleans())
)
