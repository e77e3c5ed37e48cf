"""Who is calling: every route knows its caller and tenant before it does anything.

A caller shows a JWT (`Authorization: Bearer`), an API key (`Authorization: Bearer fb_live_…` or `X-Api-Key`), or, from
a browser, the portal's session, which the portal turns into a JWT. Tokens are EdDSA, live five minutes, and name an
audience; keys are asked of accounts and remembered for seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class CallerKind(StrEnum):
    """What sort of caller it is."""

    USER = "user"
    MACHINE = "machine"
    """A service account of an organisation: it has a role there, and no profile of its own."""
    SERVICE = "service"
    """A component of Fogbank itself."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling, and what they may see.

    `organizations` maps each organisation they belong to, to their role there. `scopes` limits what a key may do; a
    user's own session has `{"*"}`. Services see every tenant, administrators too. Of how they came in, `session_id` and
    `key_id` name the session or the key (both are empty for a service), and `address` is the browser's, where the
    portal asks for somebody.
    """

    id: str
    kind: CallerKind
    organizations: Mapping[str, str] = field(default_factory=dict)
    scopes: frozenset[str] = frozenset({"*"})
    is_administrator: bool = False
    session_id: str = ""
    key_id: str = ""
    address: str = ""

    @property
    def sees_everything(self) -> bool:
        return self.kind is CallerKind.SERVICE or self.is_administrator

    @property
    def visible_accounts(self) -> frozenset[str]:
        """The payers whose things this caller may see: their own and their organisations'."""
        return frozenset({self.id, *self.organizations})

    def may_see(self, account_id: str) -> bool:
        return self.sees_everything or account_id in self.visible_accounts

    def has_scope(self, scope: str) -> bool:
        return "*" in self.scopes or scope in self.scopes


class Authenticator(Protocol):
    """Finds out who calls."""

    async def authenticate(self, headers: Mapping[str, str]) -> Caller:
        """The caller that these headers (names in lower case) show; `Problem` 401 when they show none that holds."""
        ...
