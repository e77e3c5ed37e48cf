"""The one table of who may do what: nobody reaches beyond it, and what is printed of it is true."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from fogbank.accounts.client.permissions import (
    RULES,
    Permission,
    Role,
    Status,
    allowed_to,
    allows,
    may_give,
    role_while,
    roles_that,
)
from fogbank.accounts.organizations.model import Belonging, Invitation, InvitationState
from fogbank.accounts.organizations.rules import (
    INVITATION_LIFE,
    is_good,
    leaves_no_owner,
    permission_to_change,
    roles_counted,
)
from fogbank.cli.commands.permissions import app, as_markdown

HOUSE = Path(__file__).parents[3]
NOW = datetime(2026, 11, 25, tzinfo=UTC)
roles = st.sampled_from(Role)
maybe_roles = st.none() | roles
permissions = st.sampled_from(Permission)
statuses = st.sampled_from(Status)


def test_every_permission_has_a_rule_in_one_sentence() -> None:
    assert set(RULES) == set(Permission)
    for rule in RULES.values():
        assert re.fullmatch(r"[A-Z][^.]*\.", rule.sentence), rule.sentence
        assert rule.roles


def test_the_page_is_what_the_command_prints() -> None:
    assert (HOUSE / "docs/permissions.md").read_text() == as_markdown(), "`fogbank permissions --markdown` writes it"


def test_the_command_prints_it_for_programs_too() -> None:
    printed = CliRunner().invoke(app, ["--json"])
    assert printed.exit_code == 0
    told = {each["permission"]: each["roles"] for each in json.loads(printed.stdout)}
    assert told == {permission.value: roles_that(permission) for permission in Permission}


@given(role=roles, permission=permissions)
def test_every_member_sees_and_nobody_without_a_role_does_anything(role: Role, permission: Permission) -> None:
    assert allows(role, Permission.SEE)
    assert not allows(None, permission)
    assert not allows("no role", permission)


@given(role=roles, permission=permissions, status=statuses)
def test_a_standing_never_allows_more(role: Role, permission: Permission, status: Status) -> None:
    if allows(role, permission, status):
        assert allows(role, permission)


@given(role=roles, permission=permissions, status=statuses)
def test_what_a_role_counts_as_allows_nothing_that_stops(role: Role, permission: Permission, status: Status) -> None:
    counted = role_while(role, status)
    if counted is not None and allows(counted, permission):
        assert allows(role, permission, status)


@given(giver=maybe_roles, role=roles)
def test_nobody_gives_more_than_they_have(giver: Role | None, role: Role) -> None:
    if may_give(giver, role):
        assert giver is not None
        assert allowed_to(role) <= allowed_to(giver)
        assert role is not Role.OWNER or giver is Role.OWNER


@pytest.mark.parametrize("role", Role)
def test_an_owner_may_do_everything_and_give_every_role(role: Role) -> None:
    assert allowed_to(Role.OWNER) == set(Permission)
    assert may_give(Role.OWNER, role)


@given(before=maybe_roles, after=maybe_roles, actor=roles)
def test_only_owners_make_and_unmake_owners(before: Role | None, after: Role | None, actor: Role) -> None:
    if Role.OWNER in (before, after) and allows(actor, permission_to_change(before, after)):
        assert actor is Role.OWNER


@given(members=st.lists(roles, min_size=1), index=st.integers(0, 10), after=maybe_roles)
def test_no_allowed_change_leaves_an_owned_organisation_without_owner(
    members: list[Role], index: int, after: Role | None
) -> None:
    owners = members.count(Role.OWNER)
    before = members[index % len(members)]
    if owners and not leaves_no_owner(owners, before, after):
        assert owners - (before is Role.OWNER) + (after is Role.OWNER) >= 1


@given(
    role=roles,
    inviter=maybe_roles,
    present=maybe_roles,
    state=st.sampled_from([InvitationState.OPEN, InvitationState.ACCEPTED, InvitationState.REVOKED]),
    age=st.timedeltas(timedelta(0), timedelta(days=14)),
)
def test_an_invitation_is_good_while_it_is_open_in_time_and_its_inviter_could_send_it(
    role: Role, inviter: Role | None, present: Role | None, state: InvitationState, age: timedelta
) -> None:
    invitation = Invitation(
        id="invitation_1",
        org_id="org_1",
        email="a@example.org",
        role=role,
        inviter_id="user_1",
        inviter_role=inviter,
        is_mailed=False,
        state=state,
        created_at=NOW,
        sent_at=NOW,
        expires_at=NOW + INVITATION_LIFE,
    )
    members = {} if present is None else {"user_1": present}
    could_send = inviter is None or may_give(present, role)
    assert is_good(invitation, members, NOW + age) == (
        state is InvitationState.OPEN and age < INVITATION_LIFE and could_send
    )


@given(role=roles, status=statuses, is_required=st.booleans(), has_one=st.booleans())
def test_who_has_no_second_factor_counts_for_nothing_where_one_is_required(
    role: Role, status: Status, *, is_required: bool, has_one: bool
) -> None:
    counted = roles_counted([Belonging("org_1", "Acme", role, status, is_required)], has_second_factor=has_one)
    if is_required and not has_one:
        assert counted == {}
    else:
        assert counted.get("org_1") == role_while(role, status)
