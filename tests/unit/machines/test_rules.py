"""Keys never exceed who made them; of their secrets two at most work, and none longer than it was given."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogbank.accounts.client.permissions import Role, Status
from fogbank.accounts.errors import ScopeBeyondCaller
from fogbank.accounts.machines import rules
from fogbank.accounts.machines.errors import EndOutOfReach, LastsLonger, NotANetwork, UnknownScopes, WiderNetworks
from fogbank.accounts.machines.model import ApiKey, ServiceAccount
from fogbank.accounts.rules import EVERY_SCOPE
from fogbank.kernel.networks import is_within, networks_of
from fogbank.kernel.scopes import SCOPES

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
some_scopes = st.frozensets(st.sampled_from([*SCOPES, EVERY_SCOPE]))
blocks = st.builds(
    lambda address, bits: str(ip_network((address, bits), strict=False)), st.integers(0, 2**32 - 1), st.integers(0, 32)
)


def a_key(expires_at: datetime | None = None, networks: tuple[str, ...] = ()) -> ApiKey:
    return ApiKey("key_1", "user_1", None, "a program", frozenset({"*"}), networks, NOW, expires_at)


@given(some_scopes, some_scopes)
def test_no_scope_is_passed_on_that_is_not_held(held: frozenset[str], wanted: frozenset[str]) -> None:
    if EVERY_SCOPE in held or wanted <= held:
        rules.require_scopes(held, wanted)
    else:
        with pytest.raises(ScopeBeyondCaller) as refused:
            rules.require_scopes(held, wanted)
        assert refused.value.scopes == wanted - held
    assert EVERY_SCOPE in held or rules.scopes_within(held, wanted) <= held


def test_a_scope_that_does_not_exist_is_refused_to_whoever_may_do_everything() -> None:
    with pytest.raises(UnknownScopes):
        rules.require_scopes(frozenset({"*"}), frozenset({"usage:all"}))


@given(st.lists(blocks, min_size=1, max_size=4), st.lists(blocks, max_size=4), st.integers(0, 2**32 - 1))
def test_a_key_that_a_key_makes_is_used_from_nowhere_else(outer: list[str], inner: list[str], address: int) -> None:
    try:
        rules.require_within(a_key(networks=tuple(outer)), None, inner)
    except WiderNetworks:
        return
    place = str(ip_network((address, 32)).network_address)
    assert not is_within(place, networks_of(inner)) or is_within(place, networks_of(outer))
    assert inner


@pytest.mark.parametrize(("maker", "made"), [(HOUR, None), (HOUR, HOUR * 2)])
def test_a_key_that_a_key_makes_lasts_no_longer(maker: timedelta, made: timedelta | None) -> None:
    with pytest.raises(LastsLonger):
        rules.require_within(a_key(NOW + maker), None if made is None else NOW + made, ())
    rules.require_within(a_key(NOW + maker), NOW + maker, ())
    rules.require_within(a_key(), None, ())
    rules.require_within(None, None, ())


def test_a_key_ends_after_it_begins() -> None:
    for end in (NOW, NOW - HOUR, NOW + timedelta(days=40_000)):
        with pytest.raises(EndOutOfReach):
            rules.require_to_come(end, NOW)
    rules.require_to_come(NOW + HOUR, NOW)
    rules.require_to_come(None, NOW)


def test_networks_are_kept_in_order_once_each_and_exactly() -> None:
    assert rules.networks_written(["10.0.0.0/8", "2001:db8::/32", "10.0.0.0/8", "192.0.2.1"]) == (
        "10.0.0.0/8",
        "192.0.2.1/32",
        "2001:db8::/32",
    )
    for wrong in ("10.0.0.1/8", "somewhere", "10.0.0.0/33"):
        with pytest.raises(NotANetwork):
            rules.networks_written([wrong])


@pytest.mark.parametrize("place", ["192.0.2.7", "::ffff:192.0.2.7"])
def test_an_address_is_in_its_network_however_it_is_written(place: str) -> None:
    assert is_within(place, networks_of(["192.0.2.0/24"]))
    assert not is_within("", networks_of(["0.0.0.0/0", "::/0"]))
    assert not is_within("192.0.3.7", networks_of(["192.0.2.0/24", "2001:db8::/32"]))


@given(st.timedeltas(min_value=timedelta(days=-400), max_value=timedelta(days=400)))
def test_an_old_secret_never_works_for_more_than_a_week(overlap: timedelta) -> None:
    assert NOW <= rules.end_of_old(NOW, overlap) <= NOW + rules.OVERLAP_MAX


@pytest.mark.parametrize(
    ("status", "counts_as"),
    [(Status.ACTIVE, Role.ADMIN), (Status.SUSPENDED, Role.BILLING), (Status.CLOSED, None)],
)
def test_a_machine_counts_for_less_while_its_organisation_is_not_active(status: Status, counts_as: Role | None) -> None:
    account = ServiceAccount("machine_1", "org_1", "ci", Role.ADMIN, frozenset({"*"}), "user_1", NOW)
    assert rules.role_of_machine(account, status) == counts_as
    revoked = ServiceAccount("machine_1", "org_1", "ci", Role.ADMIN, frozenset({"*"}), "user_1", NOW, NOW)
    assert rules.role_of_machine(revoked, status) is None


def test_the_first_of_several_ends_counts() -> None:
    assert rules.end_of(None, None) is None
    assert rules.end_of(None, NOW, NOW + HOUR) == NOW
