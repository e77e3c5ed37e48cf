"""Entries of the activity log as people read them: who did what, when, from where, and what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fogbank.accounts.client import ActivityView
from fogbank.portal.formats import Formats
from fogbank.portal.rules.acts import words_of
from fogbank.portal.views.ages import full_moment
from fogbank.portal.views.settings.agents import agent_in_words

WHO: Mapping[str, str] = {
    "administrator": "An administrator",
    "machine": "A service account",
    "nobody": "Somebody who was not signed in",
    "system": "Fogbank",
}
NOTHING = "nothing"
USER = "user:"


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that was said of the thing: before, empty where it was not, and after it."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One act. `what` follows `who`; `details` are for who wants to know all of it."""

    number: int
    icon: str
    who: str
    what: str
    whom: str
    moment: str
    at: str
    whence: str
    reason: str
    facts: Sequence[Fact]
    details: Sequence[tuple[str, str]]


ICONS: Mapping[str, str] = {
    "session": "enter",
    "password": "key",
    "second_factor": "shield",
    "second_factors": "shield",
    "passkey": "key",
    "api_key": "key",
    "service_account": "server",
    "organization": "people",
    "member": "people",
    "ownership": "crown",
    "project": "folder",
    "instance": "server",
    "account": "alert",
    "ledger": "wallet",
    "webhook": "link",
    "threshold": "bell",
    "email": "mail",
    "email_change": "mail",
}


def entry_of(activity: ActivityView, names: Mapping[str, str], formats: Formats) -> Entry:
    """`names` are those of the people who are known here, by id."""
    return Entry(
        number=activity.number,
        icon=ICONS.get(activity.action.partition(".")[0], "person"),
        who=_who(activity, names),
        what=words_of(activity.action),
        whom=_whom(activity, names),
        moment=full_moment(activity.at, formats),
        at=activity.at.isoformat(),
        whence=_whence(activity),
        reason=activity.reason,
        facts=_facts(activity.before or {}, activity.after or {}, names),
        details=_details(activity),
    )


def _who(activity: ActivityView, names: Mapping[str, str]) -> str:
    known = names.get(activity.actor_id)
    if known:
        return known
    if activity.actor_kind == "service":
        return f"Fogbank’s service {activity.actor_id}"
    if activity.actor_kind in WHO:
        return WHO[activity.actor_kind]
    return activity.actor_id or "Somebody"


def _whom(activity: ActivityView, names: Mapping[str, str]) -> str:
    """To whom it was done, where that is somebody else than who did it; or the name of what it was done to."""
    if not activity.subject.startswith(USER):
        return str((activity.after or activity.before or {}).get("name") or "")
    user_id = activity.subject.removeprefix(USER)
    return "" if user_id == activity.actor_id or not activity.actor_id else names.get(user_id, user_id)


def _whence(activity: ActivityView) -> str:
    parts = [activity.address, agent_in_words(activity.agent) if activity.agent else ""]
    return " · ".join(part for part in parts if part)


def _facts(before: Mapping[str, Any], after: Mapping[str, Any], names: Mapping[str, str]) -> list[Fact]:
    """What differs, or was said once only."""
    keys = [*after, *(key for key in before if key not in after)]
    facts = [Fact(_label(key), _text(before, key, names), _text(after, key, names)) for key in keys]
    return [fact for fact in facts if fact.before != fact.after]


def _label(key: str) -> str:
    return key.removesuffix("_id").replace("_", " ")


def _text(state: Mapping[str, Any], key: str, names: Mapping[str, str]) -> str:
    if key not in state:
        return ""
    value = state[key]
    if value is None or value in ([], {}):
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}={each}" for name, each in value.items())
    return names.get(str(value), str(value))


def _details(activity: ActivityView) -> list[tuple[str, str]]:
    said = {
        "Number": str(activity.number),
        "Action": activity.action,
        "To": activity.subject,
        "By": " ".join(part for part in (activity.actor_kind, activity.actor_id) if part),
        "With": activity.credential_id,
        "Request": activity.request_id,
        "Program": activity.agent,
        "Hash": activity.hash,
    }
    return [(name, text) for name, text in said.items() if text]
