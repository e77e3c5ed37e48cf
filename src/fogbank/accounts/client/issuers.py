"""Sign-in by other issuers: views, and clients for the portal and for administrators."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from fogbank.accounts.client.signing_in import Browser, SessionView
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.http.reason import reason_header

API = "/api/v1"
ISSUERS = f"{API}/issuers"
OIDC = f"{API}/auth/oidc"
USUAL_SCOPES = ("openid", "email", "profile")


@dataclass(frozen=True, slots=True)
class IssuerChoiceView:
    """An issuer by which one can sign in, as a button names it."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class IssuerChoicesView:
    """The issuers by which one can sign in."""

    issuers: list[IssuerChoiceView]


@dataclass(frozen=True, slots=True)
class IssuerView:
    """An issuer as administrators keep it, but for its secret. `redirect_uri` is what it must be told of us."""

    id: str
    name: str
    url: str
    client_id: str
    has_secret: bool
    domains: list[str]
    admits_unknown: bool
    org_id: str | None
    role: str | None
    scopes: list[str]
    created_at: datetime
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class IssuersView:
    """All issuers, by name."""

    issuers: list[IssuerView]


@dataclass(frozen=True, slots=True)
class OidcBegunView:
    """Where to send the browser; `binding` is what it keeps, in a cookie of ten minutes, until it comes back."""

    url: str
    binding: str


@dataclass(frozen=True, slots=True)
class IssuerLinkView:
    """An identity that opens one's account."""

    id: str
    issuer_id: str
    email: str
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class IssuerLinksView:
    """One's links, the oldest first."""

    links: list[IssuerLinkView]


@dataclass(frozen=True, slots=True)
class NewIssuer:
    """An issuer to add. Without `scopes` it is asked for openid, email and profile."""

    name: str
    url: str
    client_id: str
    client_secret: str | None = None
    domains: Sequence[str] = ()
    admits_unknown: bool = False
    org_id: str | None = None
    role: str | None = None
    scopes: Sequence[str] = USUAL_SCOPES


@dataclass(frozen=True, slots=True)
class IssuersClient:
    """Speaks to accounts about issuers, as whom `service` shows."""

    service: ServiceHttp

    def as_caller(self, token: str) -> "IssuersClient":
        """The same, with a user's own token."""
        return IssuersClient(self.service.as_caller(token))

    async def issuers(self) -> list[IssuerView]:
        """All of them. Administrators and services only."""
        return (await self.service.get(ISSUERS, as_=IssuersView)).issuers

    async def add(self, issuer: NewIssuer, reason: str) -> IssuerView:
        """`Problem` 422 where there is no issuer at the URL, 409 where there is one of ours already."""
        return await self.service.post(
            ISSUERS, asdict(issuer), as_=IssuerView, headers=reason_header(reason) if reason else None
        )

    async def change(self, issuer_id: str, change: Mapping[str, object], reason: str) -> IssuerView:
        """Change what `change` names of a `NewIssuer`, but for its URL and client id: links are to those."""
        return await self.service.patch(
            f"{ISSUERS}/{issuer_id}", change, as_=IssuerView, headers=reason_header(reason) if reason else None
        )

    async def remove(self, issuer_id: str, reason: str) -> None:
        """Believe it no more, and forget who came by it: they are signed out."""
        await self.service.delete(f"{ISSUERS}/{issuer_id}", headers=reason_header(reason) if reason else None)

    async def choices(self) -> list[IssuerChoiceView]:
        """What a sign-in page offers."""
        return (await self.service.get(f"{OIDC}/issuers", as_=IssuerChoicesView)).issuers

    async def begin(self, issuer_id: str) -> OidcBegunView:
        """`Problem` 503 where the issuer does not answer."""
        return await self.service.post(f"{OIDC}/{issuer_id}:begin", None, as_=OidcBegunView)

    async def finish(
        self,
        *,
        state: str,
        binding: str,
        browser: Browser,
        code: str | None = None,
        iss: str | None = None,
        error: str | None = None,
    ) -> SessionView:
        """A session for what the browser came back with.

        `Problem` 401 of kind `second-factor-needed` (`challenge`, `methods`) or `confirm-needed` (`confirmation`,
        `issuer`, `email`) where one more step is needed; other kinds say why there is none.
        """
        returned = {"state": state, "binding": binding, "code": code, "iss": iss, "error": error}
        return await self.service.post(f"{OIDC}:finish", {**returned, **browser.facts()}, as_=SessionView)

    async def confirm(self, confirmation: str, binding: str) -> IssuerLinkView:
        """As the person, signed in as always: the identity opens their account from now on."""
        body = {"confirmation": confirmation, "binding": binding}
        return await self.service.post(f"{OIDC}:confirm", body, as_=IssuerLinkView)

    async def links(self) -> list[IssuerLinkView]:
        """One's own."""
        return (await self.service.get(f"{API}/users/me/issuer-links", as_=IssuerLinksView)).links

    async def unlink(self, link_id: str) -> None:
        """`Problem` 409 where one could not sign in any more."""
        await self.service.delete(f"{API}/users/me/issuer-links/{link_id}")
