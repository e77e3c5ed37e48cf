"""Routes of issuers, for administrators."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field, StringConstraints

from fogbank.accounts.client.issuers import USUAL_SCOPES, IssuersView, IssuerView
from fogbank.accounts.client.permissions import Role
from fogbank.accounts.factors.proofs import RecentProofs
from fogbank.accounts.guards import READ, WRITE
from fogbank.accounts.oidc.issuers import Issuers
from fogbank.accounts.oidc.model import Issuer, IssuerChange
from fogbank.accounts.oidc.refusals import REFUSALS
from fogbank.runtime.http.caller import AdministratorCaller
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.http.reason import GivenReason
from fogbank.runtime.http.values import Id, Name, Secret
from fogbank.runtime.problems import Problem

Url = Annotated[str, StringConstraints(min_length=1, max_length=1024, pattern=r"^https?://[!-~]+$")]
ClientId = Annotated[str, StringConstraints(pattern=r"^[ -~]{1,255}$")]
Domain = Annotated[
    str, StringConstraints(to_lower=True, max_length=253, pattern=r"^[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+$")
]
Scope = Annotated[str, StringConstraints(pattern=r"^[!#-\[\]-~]{1,100}$")]
"""A scope as RFC 6749, 3.3, has it."""
NEVER = datetime.fromtimestamp(0, UTC)


Domains = Annotated[tuple[Domain, ...], Field(max_length=100)]
Scopes = Annotated[tuple[Scope, ...], Field(max_length=20)]
MemberRole = Literal["admin", "billing", "member", "viewer"]


@dataclass(frozen=True, slots=True)
class NewIssuer:
    """An issuer to believe. With an organisation goes the role that people get there; nobody becomes its owner."""

    name: Name
    url: Url
    client_id: ClientId
    client_secret: Secret | None = field(default=None, repr=False)
    domains: Domains = ()
    admits_unknown: bool = False
    org_id: Id | None = None
    role: MemberRole | None = None
    scopes: Scopes = USUAL_SCOPES


@dataclass(frozen=True, slots=True)
class IssuerPatch:
    """What to change of an issuer; what is not given stays, and so do its URL and our client id."""

    name: Name | None = None
    client_secret: Secret | None = field(default=None, repr=False)
    domains: Domains | None = None
    admits_unknown: bool | None = None
    org_id: Id | None = None
    role: MemberRole | None = None
    scopes: Scopes | None = None


def issuer_routes(issuers: Issuers, proofs: RecentProofs, redirect_uri: str) -> APIRouter:
    router = APIRouter(prefix="/api/v1/issuers", tags=["issuers"], dependencies=REFUSALS)

    @router.get("", dependencies=READ, responses=problem_responses(401, 403, 404))
    async def list_issuers(_caller: AdministratorCaller) -> IssuersView:
        """For administrators: the issuers that people may sign in by. Their secrets are never shown."""
        return IssuersView([_view(issuer, redirect_uri) for issuer in await issuers.all()])

    @router.post("", status_code=201, dependencies=WRITE, responses=problem_responses(401, 403, 404, 409))
    async def add_issuer(body: NewIssuer, caller: AdministratorCaller, reason: GivenReason) -> IssuerView:
        """Believe an issuer from now on; it is asked first whether it is one (422 `issuer-url-refused`).

        Takes a recent proof.
        """
        await proofs.require_of_session(caller)
        return _view(await issuers.add(caller, _asked(body), body.client_secret, reason), redirect_uri)

    @router.patch("/{issuer_id}", dependencies=WRITE, responses=problem_responses(401, 403, 404))
    async def change_issuer(
        issuer_id: Id, body: IssuerPatch, caller: AdministratorCaller, reason: GivenReason
    ) -> IssuerView:
        """Change an issuer, such as the secret that it knows us by; who came by it goes on. Takes a recent proof."""
        await proofs.require_of_session(caller)
        return _view(await issuers.change(caller, issuer_id, _changed(body), reason), redirect_uri)

    @router.delete("/{issuer_id}", status_code=204, dependencies=WRITE, responses=problem_responses(401, 403, 404))
    async def remove_issuer(issuer_id: Id, caller: AdministratorCaller, reason: GivenReason) -> None:
        """Believe it no more; who came by it is signed out, keeps their account, and needs another way in."""
        await issuers.remove(caller, issuer_id, reason)

    return router


def _asked(body: NewIssuer) -> Issuer:
    _require_both(body.org_id, body.role)
    return Issuer(
        id="",
        name=body.name,
        url=body.url,
        client_id=body.client_id,
        domains=body.domains,
        admits_unknown=body.admits_unknown,
        org_id=body.org_id,
        role=None if body.role is None else Role(body.role),
        scopes=_with_openid(body.scopes),
        created_at=NEVER,
    )


def _changed(body: IssuerPatch) -> IssuerChange:
    _require_both(body.org_id, body.role)
    return IssuerChange(
        name=body.name,
        secret=body.client_secret,
        domains=body.domains,
        admits_unknown=body.admits_unknown,
        org_id=body.org_id,
        role=None if body.role is None else Role(body.role),
        scopes=None if body.scopes is None else _with_openid(body.scopes),
    )


def _require_both(org_id: str | None, role: str | None) -> None:
    if (org_id is None) != (role is None):
        fault = {"field": "body.role", "reason": "goes with body.org_id"}
        raise Problem(
            422, "invalid-request", "Give both body.org_id and body.role, or none.", extra={"errors": [fault]}
        )


def _with_openid(scopes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(["openid", *scopes]))


def _view(issuer: Issuer, redirect_uri: str) -> IssuerView:
    return IssuerView(
        id=issuer.id,
        name=issuer.name,
        url=issuer.url,
        client_id=issuer.client_id,
        has_secret=issuer.sealed is not None,
        domains=list(issuer.domains),
        admits_unknown=issuer.admits_unknown,
        org_id=issuer.org_id,
        role=None if issuer.role is None else issuer.role.value,
        scopes=list(issuer.scopes),
        created_at=issuer.created_at,
        redirect_uri=redirect_uri,
    )
