"""Acts have words: every action that accounts record is said so that people understand it."""

import re
from pathlib import Path

import pytest

import fogbank.accounts
from fogbank.accounts.ledger.model import Kind
from fogbank.accounts.organizations.members import Change
from fogbank.accounts.organizations.standing.service import ACTIONS
from fogbank.portal.rules.acts import OF_ORGANIZATION, OF_PERSON, WORDS, words_of

ROOT = Path(fogbank.accounts.__file__).parent
RECORDED = re.compile(
    r'_?record(?:_in)?\(\s*(?:tx,\s*)?(?:self\.\w+|caller|None|owner|administrator)?[^"()]*?"([a-z_]+\.[a-z_]+)"'
)
VERBS = {"member": ("invited", "invited_again", "uninvited", "joined", "left", "removed", "added", "changed")}


def recorded_actions() -> set[str]:
    """The names of acts that stand in accounts' code as they are."""
    return {name for path in ROOT.rglob("*.py") for name in RECORDED.findall(path.read_text())}


def test_every_act_that_accounts_record_has_words() -> None:
    found = recorded_actions()
    assert {"session.opened", "organization.renamed", "user.signed_up"} <= found
    assert found - WORDS.keys() == set()


def test_acts_that_are_put_together_have_words() -> None:
    assert {f"account.{verb}" for verb in ACTIONS.values()} <= WORDS.keys()
    assert {f"{subject}.{verb}" for subject, verbs in VERBS.items() for verb in verbs} <= WORDS.keys()
    assert {f"ledger.{kind}" for kind in Kind} <= WORDS.keys()
    assert Change("org_1", "user_1", None, None).after is None


@pytest.mark.parametrize("kinds", [OF_PERSON, OF_ORGANIZATION])
def test_every_kind_to_choose_from_finds_acts(kinds: dict[str, str]) -> None:
    for kind in kinds:
        assert any(name.startswith(f"{kind}.") for name in WORDS), kind


def test_an_act_without_words_is_still_readable() -> None:
    assert words_of("new_thing.was_done") == "new thing: was done"
