"""docs/accounts.md names every setting, route, weakness and act of signing in that there is."""

import re
from dataclasses import fields
from pathlib import Path

from fogbank.accounts.signing_in import allowance
from fogbank.accounts.signing_in.opening import SignInTerms
from fogbank.accounts.signing_in.rules import slowing
from fogbank.accounts.signing_in.rules.weakness import SENTENCES, Weakness
from fogbank.runtime.settings import AccountsSettings

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "accounts.md").read_text()
DECISION = (ROOT / "docs" / "decisions" / "0020-lock-out.md").read_text()
ROOMS = [ROOT / "src/fogbank/accounts" / room for room in ("signing_in", "people")]
SOURCES = "".join(file.read_text() for room in ROOMS for file in room.glob("*.py"))


def test_every_setting_is_there_and_is_one_of_the_terms() -> None:
    assert all(f"`accounts.{setting.name}`" in TEXT for setting in fields(SignInTerms))
    assert {setting.name for setting in fields(SignInTerms)} <= {setting.name for setting in fields(AccountsSettings)}


def test_every_weakness_is_there_and_has_a_sentence() -> None:
    assert all(f"`{weakness}`" in TEXT for weakness in Weakness)
    assert set(SENTENCES) == set(Weakness)


def test_every_act_is_there() -> None:
    acts = set(re.findall(r'"((?:user|session|password|email|email_change|sign_in_link)\.[a-z_]+)"', SOURCES))
    assert len(acts) >= 9
    assert all(f"`{act}`" in TEXT for act in acts)


def test_every_route_of_signing_in_is_there() -> None:
    paths = set(re.findall(r'router\.(?:get|post|delete)\(\s*"(/(?:sign-ups|password|email|sessions)[^"]*)"', SOURCES))
    assert paths
    assert all(path.replace("{session_id}", "{id}") in TEXT for path in paths - {"/sessions/current"})


def test_the_numbers_of_the_decision_are_those_of_the_rules() -> None:
    assert f"{slowing.PLACE_ATTEMPTS_MAX} in a minute" in DECISION
    assert f"{slowing.NETWORK_FAILURES_MAX} failures in an hour" in DECISION
    assert f"{slowing.ACCOUNT_FREE}, then one attempt a second" in DECISION
    assert f"({slowing.DEVICE_ATTEMPTS_MAX} in an\nhour" in DECISION
    assert f"at most {allowance.NETWORK_MAX}" in TEXT
