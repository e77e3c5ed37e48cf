"""Routes to sign in by an issuer, and of one's own links. Those to sign in are open: what is shown is what counts."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import StringConstraints

from fogbank.accounts.client.issuers import (
    IssuerChoicesView,
    IssuerChoiceView,
    IssuerLinksView,
    IssuerLinkView,
    OidcBegunView,
)
from fogbank.accounts.client.signing_in import SessionView
from fogbank.accounts.guards import READ, WRITE, UserCaller
from fogbank.accounts.oidc.linking import Linking
from fogbank.accounts.oidc.model import Link
from fogbank.accounts.oidc.refusals import REFUSALS
from fogbank.accounts.oidc.service import OidcSignIn, Returned
from fogbank.accounts.signing_in.api import FromBrowser, session_view
from fogbank.accounts.signing_in.browser import place_of
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.http.values import Id, Secret

Said = Annotated[str, StringConstraints(max_length=4096, pattern=r"^[^\x00]*$")]
"""What an issuer said by way of the browser."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcReturn(FromBrowser):
    """The query that the browser came back with, and the binding that it kept."""

    state: Secret
    binding: Secret
    code: Said | None = None
    iss: Said | None = None
    error: Said | None = None


@dataclass(frozen=True, slots=True)
class OidcConfirmation:
    """What `confirm-needed` told, and the binding that the browser kept."""

    confirmation: Secret
    binding: Secret


def oidc_routes(sign_in: OidcSignIn, linking: Linking) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["sign-in"], dependencies=REFUSALS)

    @router.get("/auth/oidc/issuers")
    async def list_issuer_choices() -> IssuerChoicesView:
        """By which issuers one can sign in."""
        return IssuerChoicesView([IssuerChoiceView(issuer.id, issuer.name) for issuer in await sign_in.issuers()])

    @router.post("/auth/oidc/{issuer_id}:begin", responses=problem_responses(404, 503))
    async def begin_oidc(issuer_id: Id) -> OidcBegunView:
        """Where to send the browser; it keeps `binding` until it comes back, within ten minutes."""
        begun = await sign_in.begin(issuer_id)
        return OidcBegunView(begun.url, begun.binding)

    @router.post("/auth/oidc:finish", status_code=201, responses=problem_responses(401, 403, 503))
    async def finish_oidc(body: OidcReturn, request: Request) -> SessionView:
        """A session; or 401 `second-factor-needed`, or `confirm-needed` for who has an account of the same address."""
        place = await place_of(request, body.client_address, body.client_agent, body.device_token)
        returned = Returned(body.state, body.binding, body.code, body.iss, body.error)
        return session_view(await sign_in.finish(returned, place))

    @router.post("/auth/oidc:confirm", status_code=201, responses=problem_responses(401, 403, 409))
    async def confirm_oidc(body: OidcConfirmation, caller: UserCaller) -> IssuerLinkView:
        """The identity opens the caller's account from now on. Takes a recent proof, such as having just signed in."""
        return _link(await linking.confirm(caller, body.confirmation, body.binding))

    @router.get("/users/me/issuer-links", dependencies=READ, responses=problem_responses(401, 403))
    async def list_issuer_links(caller: UserCaller) -> IssuerLinksView:
        """One's own, the oldest first."""
        return IssuerLinksView([_link(link) for link in await linking.of(caller)])

    @router.delete(
        "/users/me/issuer-links/{link_id}",
        status_code=204,
        dependencies=WRITE,
        responses=problem_responses(401, 403, 404, 409),
    )
    async def remove_issuer_link(link_id: Id, caller: UserCaller) -> None:
        """Let an identity open one's account no more. Takes a recent proof."""
        await linking.remove(caller, link_id)

    return router


def _link(link: Link) -> IssuerLinkView:
    return IssuerLinkView(link.id, link.issuer_id, link.email, link.created_at, link.last_used_at)
