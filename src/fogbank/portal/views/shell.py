"""The frame of every signed-in page: who is looking, at whose account, and which pages there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from fogbank.accounts.client import UserView


@dataclass(frozen=True, slots=True)
class AccountChoice:
    """A payer that this person may look at. `role` is theirs in it."""

    id: str
    name: str
    role: str
    is_organization: bool

    @property
    def kind(self) -> str:
        return f"Organisation · {self.role.capitalize()}" if self.is_organization else "Personal account"

    @property
    def part(self) -> str:
        """What this person is in it, in a word or two."""
        return self.role.capitalize() if self.is_organization else "Personal"

    @property
    def initial(self) -> str:
        return self.name[:1].upper()

    @property
    def usage_kind(self) -> Literal["organizations", "users"]:
        """What the usage and compute APIs call this kind of payer."""
        return "organizations" if self.is_organization else "users"


@dataclass(frozen=True, slots=True)
class NavItem:
    """A page that exists."""

    icon: str
    label: str
    path: str


@dataclass(frozen=True, slots=True)
class NavGroup:
    title: str
    items: Sequence[NavItem]


NAVIGATION = (
    NavGroup("Billing", (NavItem("usage", "Usage", "/usage"),)),
    NavGroup("Developers", (NavItem("code", "API reference", "/docs"),)),
)

THEMES = (("system", "display", "Like this device"), ("light", "sun", "Light"), ("dark", "moon", "Dark"))


@dataclass(frozen=True, slots=True)
class Shell:
    """What the frame shows; `path` is the page that is open."""

    user: UserView
    account: AccountChoice
    choices: Sequence[AccountChoice]
    path: str
    navigation: Sequence[NavGroup] = NAVIGATION

    @property
    def user_name(self) -> str:
        return self.user.name or self.user.email

    @property
    def user_initial(self) -> str:
        return self.user_name[:1].upper()


def choose_account(choices: Sequence[AccountChoice], wanted: str | None) -> AccountChoice:
    """The wanted account if this person has it; else their first organisation, else their own."""
    by_id = {choice.id: choice for choice in choices}
    return by_id.get(wanted or "") or choices[0]
