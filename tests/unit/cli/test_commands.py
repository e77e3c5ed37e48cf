"""docs/commands.md has every command and all that is below it, and the first page leads to all others."""

import importlib
from pathlib import Path

import pytest
import typer

from fogbank.cli.main import COMMANDS

HOUSE = Path(__file__).parents[3]
DOCS = HOUSE / "docs"


def row_of(command: str) -> str:
    rows = (DOCS / "commands.md").read_text().splitlines()
    [row] = [each for each in rows if each.startswith("|") and f"`fogbank {command}`" in each]
    return row


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_on_the_page_with_all_below_it(command: str) -> None:
    module = importlib.import_module(f"fogbank.cli.commands.{command.replace('-', '_')}")
    below = getattr(typer.main.get_command(module.app), "commands", {})
    assert {name for name in below if f"`{name}`" not in row_of(command)} == set()


def test_the_first_page_leads_to_every_other_one() -> None:
    readme = (HOUSE / "README.md").read_text()
    assert {page.name for page in DOCS.glob("*.md") if f"(docs/{page.name})" not in readme} == set()


def test_the_page_of_decisions_leads_to_each() -> None:
    decisions = DOCS / "decisions"
    listed = (decisions / "README.md").read_text()
    assert {each.name for each in decisions.glob("0*.md") if f"]({each.name})" not in listed} == set()
