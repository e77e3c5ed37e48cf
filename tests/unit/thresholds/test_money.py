"""Asking about money: everybody has their turn, and nobody is asked about twice in one round."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from fogbank.billing.client import CREDITS_MAX, CreditView
from fogbank.compute.thresholds.money import ACCOUNTS_PER_ROUND, OTHERS_PER_ROUND_MIN, Purses, Rotation
from fogbank.runtime.problems import Problem


@dataclass
class Billing:
    """Answers for every account, and remembers for which."""

    asked: list[str] = field(default_factory=list)
    is_down: bool = False

    async def credits(self, accounts: Sequence[str]) -> list[CreditView]:
        assert len(accounts) <= CREDITS_MAX
        if self.is_down:
            raise Problem(503, "service-unavailable", "Billing is down.")
        self.asked += accounts
        return [CreditView(each, "0.5", "1", "-2", None) for each in accounts]


@given(st.sets(st.integers(0, 50).map(str), min_size=1), st.integers(1, 20))
def test_everybody_has_their_turn_before_anybody_has_a_second_one(accounts: set[str], most: int) -> None:
    rotation, turns = Rotation(), list[str]()
    while len(turns) < len(accounts):
        turns += rotation.next(accounts, most)
    assert set(turns[: len(accounts)]) == accounts


def test_who_is_gone_has_no_turn() -> None:
    rotation = Rotation()
    rotation.next({"a", "b", "c"}, 3)
    assert [rotation.next({"b"}, 3), rotation.next({"b"}, 3)] == [["b"], ["b"]]


async def test_accounts_with_thresholds_of_their_own_come_first_and_the_others_still_come() -> None:
    billing = Billing()
    own, others = {f"own-{n}" for n in range(2_000)}, {f"other-{n}" for n in range(2_000)}
    await Purses(billing).ask(own, others, 0)
    assert len(billing.asked) == len(set(billing.asked)) == ACCOUNTS_PER_ROUND
    assert len(set(billing.asked) & others) == OTHERS_PER_ROUND_MIN


async def test_while_billing_is_down_nothing_is_known_and_the_next_round_is_later() -> None:
    purses = Purses(Billing(is_down=True))
    assert await purses.ask({"a"}, set(), 0) == {}
    assert not purses.is_due(29_999_999)
    assert purses.is_due(30_000_000)
    assert purses.is_due(-30_000_000), "a clock that was set back by a day stops nothing"
