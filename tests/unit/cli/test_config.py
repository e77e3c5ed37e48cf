"""Every setting is on the page of settings, as the code has it."""

from pathlib import Path

from fogbank.cli.commands.config import as_markdown

HOUSE = Path(__file__).parents[3]


def test_the_page_of_settings_is_what_the_code_says() -> None:
    assert (HOUSE / "docs/settings.md").read_text() == as_markdown(), "`fogbank config --markdown` writes it"
