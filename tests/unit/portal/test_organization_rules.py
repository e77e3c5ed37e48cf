"""Organisations: words of roles, labels as they are typed, and which instances a filter finds."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogbank.accounts.client import InstanceView, MemberView, OrganizationView, Permission, ProjectView, Role
from fogbank.portal.organization.team import Team
from fogbank.portal.rules.labels import KEY, VALUE, NotLabels, labels_of, text_of
from fogbank.portal.rules.roles import PLURALS, SENTENCES, role_sentence, roles_to_give, who_may
from fogbank.portal.views.organization.projects import Filter, instance_rows, project_rows

AT = datetime(2026, 3, 10, tzinfo=UTC)


def test_every_role_has_its_sentence_and_who_may_is_said_in_words() -> None:
    assert SENTENCES.keys() == PLURALS.keys() == set(Role)
    assert who_may(Permission.CLOSE) == "owners"
    assert who_may(Permission.MANAGE_MEMBERS) == "owners and admins"
    assert who_may(Permission.MANAGE_PROJECTS) == "owners, admins and billing people"
    assert role_sentence("") == ""


def test_nobody_is_offered_to_give_more_than_they_have() -> None:
    assert roles_to_give("owner", is_administrator=False)[-1] is Role.OWNER
    assert Role.OWNER not in roles_to_give("admin", is_administrator=False)
    assert roles_to_give("viewer", is_administrator=False) == []
    assert set(roles_to_give("", is_administrator=True)) == set(Role)


def team(role: str, status: str = "active", *, is_administrator: bool = False) -> Team:
    member = MemberView("user_1", "Mira", "mira@example.org", role, "active", AT)
    return Team(OrganizationView("org_1", "Acme", status, AT), [member], "user_1", is_administrator)


def test_what_is_offered_follows_the_role_and_the_standing() -> None:
    assert team("owner").may(Permission.CLOSE)
    assert team("owner", "suspended").may(Permission.CLOSE)
    assert not team("owner", "suspended").may(Permission.MANAGE_MEMBERS)
    assert not team("owner", "closed").may(Permission.CLOSE)
    assert not team("admin").may(Permission.MANAGE_SECURITY)
    assert team("viewer", is_administrator=True).may(Permission.MANAGE_SECURITY)
    assert not team("viewer", is_administrator=True).may_as_member(Permission.TRANSFER_OWNERSHIP)


@given(st.dictionaries(st.from_regex(KEY, fullmatch=True), st.from_regex(VALUE, fullmatch=True), max_size=16))
def test_labels_that_are_shown_are_read_back(labels: dict[str, str]) -> None:
    trimmed = {key: value.strip() for key, value in labels.items()}
    assert labels_of(text_of(trimmed)) == trimmed


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no pair", "as key=value"),
        ("Upper=1", "lower-case"),
        (f"k={'x' * 64}", "longer than 63"),
        ("a=1\na=2", "is there twice"),
        ("\n".join(f"k{number}=1" for number in range(17)), "17 labels"),
    ],
)
def test_what_is_no_label_is_said_with_what_to_do(text: str, said: str) -> None:
    with pytest.raises(NotLabels, match=said):
        labels_of(text)


def test_instances_are_found_by_project_name_and_label() -> None:
    projects = [ProjectView("p1", "org_1", "web", "Web", AT, None), ProjectView("p2", "org_1", "old", "Old", AT, AT)]
    instances = [
        InstanceView("i-1", "api", "org_1", "user_1", "org_1", AT, project_id="p1", labels={"env": "prod"}),
        InstanceView("i-2", "batch", "org_1", "user_1", "org_1", AT),
    ]

    def found(**wanted: str) -> list[str]:
        return [row.id for row in instance_rows(instances, projects, Filter(**wanted), "org_1")]

    assert found() == ["i-1", "i-2"]
    assert found(project="none") == ["i-2"]
    assert found(project="p1") == ["i-1"]
    assert found(text="ENV=Prod") == ["i-1"]
    assert found(text="nothing") == []
    assert [(row.name, row.instances) for row in project_rows(projects, instances)] == [("Web", 1), ("Old", 0)]
