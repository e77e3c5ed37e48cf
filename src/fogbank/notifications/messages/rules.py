"""What messages say. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fogbank.notifications.messages.errors import WrongData
from fogbank.notifications.messages.model import MessageKind
from fogbank.notifications.rules.words import one_line

SHOWN_CHARACTERS_MAX = 200
TEXT_CHARACTERS_MAX = 1200
"""As long as a reason may be, and what stands before it."""


@dataclass(frozen=True, slots=True)
class Words:
    """A subject, what stands above the button, the button (none without a link), and what stands below it."""

    subject: str
    text: str
    button: str
    after: str
    link: str = ""


Said = Callable[[Mapping[str, str]], Words]


def _confirm_address(_data: Mapping[str, str]) -> Words:
    return Words(
        "Confirm your address",
        "Somebody, we hope you, signed up with this address. Confirm that it is yours, and choose a password.",
        "Confirm and choose a password",
        "This works once, for 24 hours. If it was not you, do nothing: without it there is no account.",
    )


def _already_signed_up(_data: Mapping[str, str]) -> Words:
    return Words(
        "You have an account already",
        "Somebody, perhaps you, signed up with this address. It has an account, so nothing was changed. "
        "If you do not know your password any more, choose a new one.",
        "Choose a new password",
        "This works once, for an hour. If it was not you, do nothing.",
    )


def _confirm_new_address(_data: Mapping[str, str]) -> Words:
    return Words(
        "Confirm your new address",
        "Somebody, we hope you, wants to sign in with this address from now on. Confirm that it is yours.",
        "Confirm the new address",
        "This works once, for 24 hours. If it was not you, do nothing.",
    )


def _address_changed(data: Mapping[str, str]) -> Words:
    undo = bool(data.get("link"))
    return Words(
        "Your address was changed",
        f"Your account's address is {data['new_address']} from now on, and no longer this one.",
        "Undo this",
        "Undoing works for 7 days. It ends every session, and you choose a new password."
        if undo
        else "If this was not agreed with you, ask who runs this service.",
    )


def _reset_password(_data: Mapping[str, str]) -> Words:
    return Words(
        "Choose a new password",
        "Somebody, we hope you, asked for a new password of your account.",
        "Choose a new password",
        "This works once, for an hour. If it was not you, do nothing: your password stays as it is.",
    )


def _password_changed(_data: Mapping[str, str]) -> Words:
    return Words(
        "Your password was changed",
        "The password of your account was changed just now.",
        "Choose another one",
        "If it was you, all is well. If it was not, choose a new password at once: it ends every session.",
    )


def _security_notice(data: Mapping[str, str]) -> Words:
    return Words(
        "Your account's security was changed",
        data["text"],
        "Look at it",
        "If it was not you, choose a new password at once, and tell who runs this service.",
    )


def _invitation(data: Mapping[str, str]) -> Words:
    return Words(
        f"{data['inviter']} invites you to {data['organization']}",
        f"{data['inviter']} invites you to the organisation {data['organization']}, as {data['role']}.",
        "See the invitation",
        "If you do not know them, do nothing.",
    )


def _sign_in_link(_data: Mapping[str, str]) -> Words:
    return Words(
        "Your way in",
        "An administrator made this link for you. It signs you in without a password.",
        "Sign in",
        "This works once, for 24 hours. Give it to nobody.",
    )


SAID_OF: Mapping[MessageKind, Said] = {
    MessageKind.CONFIRM_ADDRESS: _confirm_address,
    MessageKind.ALREADY_SIGNED_UP: _already_signed_up,
    MessageKind.CONFIRM_NEW_ADDRESS: _confirm_new_address,
    MessageKind.ADDRESS_CHANGED: _address_changed,
    MessageKind.RESET_PASSWORD: _reset_password,
    MessageKind.PASSWORD_CHANGED: _password_changed,
    MessageKind.SECURITY_NOTICE: _security_notice,
    MessageKind.INVITATION: _invitation,
    MessageKind.SIGN_IN_LINK: _sign_in_link,
}

TAKES: Mapping[MessageKind, frozenset[str]] = {
    **{kind: frozenset({"link"}) for kind in MessageKind},
    MessageKind.ADDRESS_CHANGED: frozenset({"new_address"}),
    MessageKind.SECURITY_NOTICE: frozenset({"text"}),
    MessageKind.INVITATION: frozenset({"link", "organization", "inviter", "role"}),
}
"""What each kind must be given."""

MAY_TAKE: Mapping[MessageKind, frozenset[str]] = {
    MessageKind.ADDRESS_CHANGED: frozenset({"link"}),
    MessageKind.SECURITY_NOTICE: frozenset({"link"}),
}
"""What a kind may be given besides."""


def require_data(kind: MessageKind, data: Mapping[str, str]) -> None:
    """`WrongData` where a kind's data are not exactly what it takes."""
    missing = TAKES[kind] - {name for name, value in data.items() if value}
    unknown = set(data) - TAKES[kind] - MAY_TAKE.get(kind, frozenset())
    if missing or unknown:
        raise WrongData(missing, unknown)


def words_of(kind: MessageKind, data: Mapping[str, str]) -> Words:
    """What a message says. What others wrote (names, addresses) is one line of bounded length, whatever it was."""
    most = {"text": TEXT_CHARACTERS_MAX}
    shown = {
        name: one_line(value)[: most.get(name, SHOWN_CHARACTERS_MAX)] for name, value in data.items() if name != "link"
    }
    words = SAID_OF[kind]({**shown, "link": data.get("link", "")})
    return Words(one_line(words.subject), words.text, words.button, words.after, data.get("link", ""))
