"""A visit: one request of somebody who is signed in, with everything a page is made from."""

from dataclasses import dataclass
from datetime import datetime

from fastapi import Request, Response

from fogbank.accounts.client import AccountsClient
from fogbank.accounts.ledger.client import LedgerClient
from fogbank.billing.client import BillingClient
from fogbank.compute.client import ComputeClient, ThresholdsClient
from fogbank.notifications.client import NotificationsClient, WebhooksClient
from fogbank.portal.cookies import Cookie
from fogbank.portal.formats import Formats
from fogbank.portal.page_route import is_part
from fogbank.portal.rendering import Pages
from fogbank.portal.rules.limits import Rights, rights_of
from fogbank.portal.service import PART_PATIENCE_SECONDS, PATIENCE_SECONDS, Desk
from fogbank.portal.sessions import Person, Sessions
from fogbank.portal.views.bell import bell_of
from fogbank.portal.views.shell import AccountChoice, Shell, choose_account
from fogbank.runtime.clock import Clock
from fogbank.runtime.entropy import Entropy
from fogbank.usage.client import UsageClient

LATER = Cookie("fogbank-later")
"""Whoever is asked to choose a password of their own, and wants to do that later."""

ACCOUNT_COOKIE = "fogbank-account"
YEAR_SECONDS = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Visit:
    """Who looks, at which account, when, and how they want things written."""

    person: Person
    account: AccountChoice
    desk: Desk
    formats: Formats
    asks_for_password: bool = False
    """Whether to remind them that they have none of their own yet."""

    @property
    def now(self) -> datetime:
        return self.desk.now

    @property
    def rights(self) -> Rights:
        """What this person may set alerts on, here."""
        return rights_of(
            self.account.role,
            is_organization=self.account.is_organization,
            is_administrator=self.person.user.is_administrator,
        )

    async def shell(self, path: str) -> Shell:
        """The frame of the page at `path`, with the bell as it is now."""
        bell = bell_of(await self.desk.unread())
        return Shell(
            self.person.user,
            self.account,
            self.person.choices,
            path,
            bell,
            asks_for_password=self.asks_for_password,
        )

    def remember_account(self, response: Response) -> Response:
        """Open this account again the next time."""
        response.set_cookie(ACCOUNT_COOKIE, self.account.id, max_age=YEAR_SECONDS, httponly=True, samesite="lax")
        return response


@dataclass(frozen=True, slots=True)
class Reception:
    """Receives visits: knows the sessions, and the clients of all components."""

    sessions: Sessions
    pages: Pages
    clock: Clock
    accounts: AccountsClient
    ledger: LedgerClient
    usage: UsageClient
    billing: BillingClient
    compute: ComputeClient
    thresholds: ThresholdsClient
    notifications: NotificationsClient
    webhooks: WebhooksClient
    entropy: Entropy

    async def visit(self, request: Request, *, patience_seconds: float = PART_PATIENCE_SECONDS) -> Visit:
        """The visit that this request is; raises `NotSignedIn`."""
        person = await self.sessions.person(request)
        wanted = request.query_params.get("account") or request.cookies.get(ACCOUNT_COOKIE)
        account = choose_account(person.choices, wanted)
        desk = self._desk(person, account, patience_seconds)
        asks_for_password = not person.user.has_chosen_password and not LATER.read(request)
        return Visit(person, account, desk, self.pages.viewer(request).formats, asks_for_password)

    async def page_visit(self, request: Request) -> Visit:
        """The visit of a whole page, which waits less than a part that is fetched again from the same address."""
        patience_seconds = PART_PATIENCE_SECONDS if is_part(request) else PATIENCE_SECONDS
        return await self.visit(request, patience_seconds=patience_seconds)

    def _desk(self, person: Person, account: AccountChoice, patience_seconds: float) -> Desk:
        return Desk(
            account=account,
            now=self.clock(),
            accounts=self.accounts.as_caller(person.token),
            ledger=self.ledger.as_caller(person.token),
            usage=UsageClient(self.usage.http.as_caller(person.token)),
            billing=self.billing.as_caller(person.token),
            compute=ComputeClient(self.compute.service.as_caller(person.token)),
            thresholds=self.thresholds.as_caller(person.token),
            notifications=self.notifications.as_caller(person.token),
            webhooks=self.webhooks.as_caller(person.token),
            patience_seconds=patience_seconds,
        )
