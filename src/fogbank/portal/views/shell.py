"""The frame of every signed-in page: who is looking, at whose account, and which pages there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from fogbank.accounts.client import UserView
from fogbank.portal.views.bell import SILENT, Bell


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
    NavGroup(
        "Billing",
        (
            NavItem("usage", "Usage", "/usage"),
            NavItem("wallet", "Credit", "/credit"),
            NavItem("bell", "Alerts", "/alerts"),
        ),
    ),
    NavGroup(
        "Account",
        (
            NavItem("people", "Organisation", "/organization"),
            NavItem("clock", "Activity", "/activity"),
        ),
    ),
    NavGroup(
        "Developers",
        (
            NavItem("link", "Webhooks", "/webhooks"),
            NavItem("key", "API keys", "/settings/keys"),
            NavItem("code", "API reference", "/docs"),
        ),
    ),
)

ASIDE = (
    NavItem("inbox", "Notices", "/notifications"),
    NavItem("sliders", "Notice preferences", "/notifications/preferences"),
)
"""Pages that the bell leads to."""

SETTINGS = (
    NavItem("person", "Profile", "/settings"),
    NavItem("shield", "Security", "/settings/security"),
    NavItem("key", "API keys", "/settings/keys"),
    NavItem("server", "Service accounts", "/settings/machines"),
)
"""What a person keeps about themselves; they stand in the menu at their name, and above each other."""

THEMES = (("system", "display", "Like this device"), ("light", "sun", "Light"), ("dark", "moon", "Dark"))


@dataclass(frozen=True, slots=True)
class Shell:
    """What the frame shows; `path` is the page that is open, `bell` is None while it is not known how it stands."""

    user: UserView
    account: AccountChoice
    choices: Sequence[AccountChoice]
    path: str
    bell: Bell | None = SILENT
    navigation: Sequence[NavGroup] = NAVIGATION
    settings: Sequence[NavItem] = SETTINGS
    asks_for_password: bool = False

    @property
    def section(self) -> str:
        """The page of the navigation or of the settings that is open, or that the open one is below."""
        paths = [item.path for group in self.navigation for item in group.items]
        paths += sorted((item.path for item in self.settings), key=len, reverse=True)
        return next((path for path in paths if f"{self.path}/".startswith(f"{path}/")), self.path)

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
