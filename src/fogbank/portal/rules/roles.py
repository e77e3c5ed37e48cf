"""Roles and permissions in the words of people: what each role is, what it may give, and who may do what."""

from collections.abc import Mapping, Sequence

from fogbank.accounts.client.permissions import Permission, Role, may_give, roles_that

SENTENCES: Mapping[Role, str] = {
    Role.OWNER: "Does everything, makes other owners, and can close it.",
    Role.ADMIN: "Runs it: people, keys, instances, money and settings.",
    Role.BILLING: "Pays, sets limits, and keeps its projects.",
    Role.MEMBER: "Works with its instances.",
    Role.VIEWER: "Looks, and changes nothing.",
}
PLURALS: Mapping[str, str] = {
    Role.OWNER: "owners",
    Role.ADMIN: "admins",
    Role.BILLING: "billing people",
    Role.MEMBER: "members",
    Role.VIEWER: "viewers",
}


def role_label(role: str) -> str:
    """`Owner`."""
    return role.capitalize()


def role_sentence(role: str) -> str:
    """What somebody of that role does; nothing for one that is not known."""
    return SENTENCES[Role(role)] if role in set(Role) else ""


def who_may(permission: Permission) -> str:
    """`owners and admins`, or `owners, admins and billing people`."""
    *others, last = [PLURALS[role] for role in roles_that(permission)]
    return f"{', '.join(others)} and {last}" if others else last


def roles_to_give(giver: str, *, is_administrator: bool) -> Sequence[Role]:
    """The roles that somebody may give, the least first: nobody gives more than they have."""
    return [role for role in reversed(Role) if is_administrator or may_give(giver, role)]
