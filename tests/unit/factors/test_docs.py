"""docs/second-factors.md names every method, route, act and number of second factors."""

import re
from pathlib import Path

from fogbank.accounts.factors.model import Method
from fogbank.accounts.factors.rules import CODES, FREE_FAILURES, PROOF_LIFE

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "second-factors.md").read_text()
ROOM = ROOT / "src/fogbank/accounts/factors"


def test_every_method_is_there() -> None:
    assert all(f"`{method}`" in TEXT for method in Method if method is not Method.PASSWORD)


def test_every_route_is_there() -> None:
    sources = {"/users": (ROOM / "api.py").read_text(), "/auth": (ROOM / "proof_api.py").read_text()}
    found = {
        prefix + path
        for prefix, source in sources.items()
        for path in re.findall(r'router\.(?:get|post|patch|delete)\(\s*"(/[^"]+)"', source)
    }
    assert len(found) == 12
    assert all(re.sub(r"\{[a-z_]+\}", "{id}", path) in TEXT for path in found)


def test_every_act_is_there() -> None:
    sources = "".join(file.read_text() for file in ROOM.glob("*.py"))
    acts = set(re.findall(r'"((?:second_factors?|recovery_codes?|passkey|session)\.[a-z_]+)"', sources))
    assert len(acts) == 8
    assert all(f"`{act}`" in TEXT for act in acts)


def test_the_numbers_are_those_of_the_rules() -> None:
    assert (CODES, FREE_FAILURES, PROOF_LIFE.total_seconds()) == (10, 5, 600)
