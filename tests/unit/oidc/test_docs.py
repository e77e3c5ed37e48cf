"""docs/single-sign-on.md names every setting, route, field, command and problem of signing in by issuers."""

import re
from dataclasses import fields
from pathlib import Path

from fogbank.accounts.client.issuers import NewIssuer
from fogbank.accounts.oidc.refusals import OIDC_PROBLEMS
from fogbank.accounts.signing_in.refusals import SIGN_IN_PROBLEMS
from fogbank.cli.commands.issuers import app
from fogbank.runtime.settings import OidcSettings

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "single-sign-on.md").read_text()
ROOM = ROOT / "src/fogbank/accounts/oidc"


def test_every_setting_is_there() -> None:
    assert all(f"`oidc.{setting.name}`" in TEXT for setting in fields(OidcSettings))


def test_every_field_of_an_issuer_is_there() -> None:
    assert all(f"`{each.name}`" in TEXT for each in fields(NewIssuer) if each.name != "name")


def test_every_route_is_there() -> None:
    paths = re.findall(r'router\.(?:get|post|delete)\(\s*"(/[^"]+)"', (ROOM / "api.py").read_text())
    assert len(paths) == 6
    assert all(path.replace("{link_id}", "{id}") in TEXT for path in paths)


def test_every_command_is_there() -> None:
    names = [command.name or (command.callback and command.callback.__name__) for command in app.registered_commands]
    assert len(names) == 4
    assert all(f"fogbank issuers {name}" in TEXT for name in names)


def test_what_newcomers_may_meet_is_there() -> None:
    rendered = (ROOM / "refusals.py").read_text()
    kinds = set(re.findall(r'Problem\(\d+, "([a-z-]+)"', rendered))
    assert len(kinds) == len(OIDC_PROBLEMS) - len(SIGN_IN_PROBLEMS)
    told = kinds - {"sign-in-ended", "issuer-said-no", "identity-refused", "confirmation-ended", "issuer-taken"}
    assert all(f"`{kind}`" in TEXT for kind in told)
