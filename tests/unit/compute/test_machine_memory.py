"""A virtual machine is billed the memory that nobody else can have because of it, whatever it says of itself."""

from hypothesis import given
from hypothesis import strategies as st

from fogbank.compute.agent.collectors.machines.memory import memory_of

GIB = 1 << 30
AMOUNTS = st.integers(1, 64 * GIB)


def test_memory_that_is_given_counts_though_it_is_idle() -> None:
    assert memory_of(configured=4 * GIB, left_by_balloon=4 * GIB, resident=GIB, used_inside=None) == (4 * GIB, GIB)


def test_memory_that_the_balloon_took_back_does_not_count() -> None:
    assert memory_of(configured=4 * GIB, left_by_balloon=GIB, resident=GIB // 2, used_inside=None) == (GIB, GIB // 2)


def test_a_guest_that_only_claims_to_have_given_memory_back_pays_for_it() -> None:
    assert memory_of(configured=4 * GIB, left_by_balloon=1, resident=3 * GIB, used_inside=0) == (3 * GIB, 0)


@given(AMOUNTS, AMOUNTS, AMOUNTS, st.none() | AMOUNTS)
def test_nothing_that_a_guest_says_makes_it_more_than_all_or_less_than_what_it_occupies(
    configured: int, left: int, resident: int, used: int | None
) -> None:
    memory = memory_of(configured=configured, left_by_balloon=left, resident=resident, used_inside=used)
    assert min(resident, configured) <= memory.held <= configured
    assert 0 <= memory.busy <= memory.held
