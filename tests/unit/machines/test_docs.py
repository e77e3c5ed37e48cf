"""docs/machines.md names every command, act and audience there is, and its examples are what is taken."""

import re
from pathlib import Path

import typer

from fogbank.accounts.machines.opening import AUDIENCE
from fogbank.cli.commands import keys, signing_keys
from fogbank.runtime.credentials.key_format import CLIENT_SECRET_PREFIX, new_key
from fogbank.runtime.settings_sources import known_settings

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "machines.md").read_text()
ROOM = ROOT / "src" / "fogbank" / "accounts" / "machines"


def test_every_command_is_named() -> None:
    for group, app in (("keys", keys.app), ("signing-keys", signing_keys.app)):
        command = typer.main.get_command(app)
        assert isinstance(command, typer.core.TyperGroup)
        assert all(f"`fogbank {group} {name}" in TEXT for name in command.commands)


def test_every_act_that_is_recorded_is_named() -> None:
    source = "".join(file.read_text() for file in ROOM.glob("*.py"))
    verbs = set(re.findall(r'_record\(\s*tx, caller, "([a-z_]+)"', source))
    assert len(verbs) >= 6
    for verb in verbs:
        assert f"api_key.{verb}`" in TEXT or f"service_account.{verb}`" in TEXT
    assert "`signing_key.made`" in TEXT


def test_every_audience_and_setting_is_named() -> None:
    assert all(name in TEXT for name in AUDIENCE)
    assert "accounts.signing_key_days" in TEXT
    assert any(known.name == "accounts.signing_key_days" for known in known_settings())


def test_the_expression_for_scanners_finds_what_we_make() -> None:
    [expression] = re.findall(r"```\n(\\b.*)\n```", TEXT)
    for prefix in ("fb_live_", CLIENT_SECRET_PREFIX):
        assert re.search(expression, f"key={new_key(bytes, prefix)};") is not None
