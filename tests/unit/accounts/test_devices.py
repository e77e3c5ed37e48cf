"""Device tokens: known to the account that they were given for, by this installation, for half a year."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.clock import MovingClock

from fogbank.accounts.signing_in.devices import KNOWN_FOR, Devices
from fogbank.runtime.entropy import system_entropy
from fogbank.runtime.sealing import SealingKeys


@pytest.fixture(scope="module")
def devices(tmp_path_factory: pytest.TempPathFactory) -> Devices:
    return of(tmp_path_factory.mktemp("secrets"))


def of(secrets: Path) -> Devices:
    return Devices(SealingKeys.of(secrets, system_entropy), MovingClock(), system_entropy)


def test_a_device_is_known_by_its_token_and_two_are_told_apart(devices: Devices) -> None:
    one, other = devices.new_token("ann@example.org"), devices.new_token("ANN@example.org")
    assert devices.known("ann@example.org", one) == devices.known("Ann@Example.org", one) != ""
    assert devices.known("ann@example.org", one) != devices.known("ann@example.org", other)


def test_it_is_known_to_no_other_account_and_no_other_installation(devices: Devices, tmp_path: Path) -> None:
    token = devices.new_token("ann@example.org")
    assert devices.known("bob@example.org", token) == ""
    assert of(tmp_path).known("ann@example.org", token) == ""


def test_it_is_known_for_half_a_year(devices: Devices) -> None:
    token = devices.new_token("ann@example.org")
    clock = devices.clock
    assert isinstance(clock, MovingClock)
    clock.now += KNOWN_FOR - timedelta(seconds=1)
    assert devices.known("ann@example.org", token)
    clock.now += timedelta(seconds=1)
    assert not devices.known("ann@example.org", token)


@given(token=st.text(max_size=200))
def test_anything_else_is_no_device(devices: Devices, token: str) -> None:
    assert devices.known("ann@example.org", token) == ""
    assert devices.known("ann@example.org", f"{devices.sealing.present_id}.{token}") == ""


@given(at=st.integers(0, 200), letter=st.sampled_from("ABCxyz019-_"))
def test_one_changed_letter_makes_it_unknown_or_is_none(devices: Devices, at: int, letter: str) -> None:
    token = devices.new_token("ann@example.org")
    changed = token[: at % len(token)] + letter + token[at % len(token) + 1 :]
    known = devices.known("ann@example.org", changed)
    assert known in ("", devices.known("ann@example.org", token))
