"""Who may see and set a threshold. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from fogbank.accounts.client import Permission, allows, roles_that
from fogbank.compute.thresholds.errors import NotPermitted, NotVisible
from fogbank.compute.thresholds.model import Action, Subject, SubjectKind, Threshold

ADMINISTRATORS_ACTIONS = frozenset({Action.THROTTLE, Action.SUSPEND})

WORDS = {
    SubjectKind.INSTANCE: "instance",
    SubjectKind.USER: "user",
    SubjectKind.ORGANIZATION: "organization",
    SubjectKind.EVERYBODY: "user",
}
"""What a subject is called where there is none that the caller can see."""


@dataclass(frozen=True, slots=True)
class Setter:
    """Who sets a threshold: an administrator, or a user with a role in each of their organisations."""

    id: str
    organizations: Mapping[str, str]
    is_administrator: bool

    def sees(self, account_id: str) -> bool:
        return self.is_administrator or account_id == self.id or account_id in self.organizations


def require_visible(setter: Setter, subject: Subject, account_id: str) -> None:
    """`NotVisible` where the subject, whose payer is `account_id`, is none of theirs: that it exists is not told."""
    is_another_user = subject.kind in (SubjectKind.USER, SubjectKind.EVERYBODY) and subject.id != setter.id
    if not setter.is_administrator and (is_another_user or not setter.sees(account_id)):
        raise NotVisible(WORDS[subject.kind], subject.id)


def require_may_set(setter: Setter, subject: Subject, account_id: str, action: Action) -> None:
    """`NotPermitted` where somebody who may see the subject may not set this threshold on it."""
    if setter.is_administrator:
        return
    if action in ADMINISTRATORS_ACTIONS:
        raise NotPermitted(f"Only administrators set thresholds that {action}; use notify or log.")
    is_of_instance = subject.kind is SubjectKind.INSTANCE
    permission = Permission.SET_INSTANCE_THRESHOLDS if is_of_instance else Permission.SET_THRESHOLDS
    if account_id != setter.id and not allows(setter.organizations.get(account_id), permission):
        raise NotPermitted(
            f"Your role in '{account_id}' does not allow this; it takes one of {', '.join(roles_that(permission))}."
        )


def require_may_change(setter: Setter, threshold: Threshold) -> None:
    """`NotPermitted` where somebody who may see the threshold may not change it."""
    if threshold.is_administrators and not setter.is_administrator:
        raise NotPermitted("An administrator set this threshold; only administrators change it.")
    require_may_set(setter, threshold.terms.subject, threshold.account_id, threshold.terms.action)
