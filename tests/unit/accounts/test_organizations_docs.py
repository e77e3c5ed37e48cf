"""docs/organizations.md says what holds: its numbers, its routes, and what stops in which standing."""

import re
from pathlib import Path

from fogbank.accounts.client.permissions import Role, Status, role_while
from fogbank.accounts.instances.api import LABELS_MAX
from fogbank.accounts.organizations.api.invitations import invitation_routes, inviting_routes
from fogbank.accounts.organizations.api.organizations import membership_routes, organization_routes
from fogbank.accounts.organizations.api.ownership import ownership_routes
from fogbank.accounts.organizations.api.projects import project_routes
from fogbank.accounts.organizations.rules import INVITATION_LIFE, INVITATIONS_OPEN_MAX, OFFER_LIFE
from fogbank.accounts.organizations.standing.api import closing_routes, standing_routes
from fogbank.accounts.organizations.standing.rules import SIGNALS

DOCUMENT = (Path(__file__).parents[3] / "docs/organizations.md").read_text()
LAST_WORD = re.compile(r"[a-z-]+(?::[a-z]+)?$")


def test_its_numbers_are_those_that_hold() -> None:
    assert INVITATION_LIFE.days == OFFER_LIFE.days == 7
    assert "for seven days" in DOCUMENT
    assert f"up to {INVITATIONS_OPEN_MAX} open" in DOCUMENT
    assert f"up to {LABELS_MAX} labels" in DOCUMENT


def test_every_kind_of_route_is_told_of() -> None:
    unused = None
    routers = [
        organization_routes(unused, unused),  # type: ignore[arg-type]
        membership_routes(unused),  # type: ignore[arg-type]
        inviting_routes(unused),  # type: ignore[arg-type]
        invitation_routes(unused),  # type: ignore[arg-type]
        ownership_routes(unused, unused),  # type: ignore[arg-type]
        project_routes(unused),  # type: ignore[arg-type]
        standing_routes(unused),  # type: ignore[arg-type]
        closing_routes(unused, unused),  # type: ignore[arg-type]
    ]
    paths = {route.path for router in routers for route in router.routes}  # type: ignore[attr-defined]
    assert len(paths) > 15
    for path in paths:
        word = LAST_WORD.search(re.sub(r"/\{\w+\}$", "", path))
        assert word is not None
        assert word[0] in DOCUMENT, path


def test_the_effects_of_standings_are_those_that_hold() -> None:
    suspended = {role: role_while(role, Status.SUSPENDED) for role in Role}
    assert set(suspended.values()) == {Role.BILLING, Role.VIEWER}
    closed = {role for role in Role if role_while(role, Status.CLOSED) is Role.VIEWER}
    assert closed == {Role.OWNER, Role.BILLING}
    assert "`billing` for who may pay, else `viewer` | `viewer` for owners and `billing`, else nothing" in DOCUMENT
    for signal in SIGNALS.values():
        assert f"`{signal}`" in DOCUMENT
