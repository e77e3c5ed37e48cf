"""Routes of what goes by e-mail: signing up, a forgotten password, another address. Open: tokens are the permission.

Whether an address has an account is told to nobody: what begins something answers the same for every address.
"""

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field

from fogbank.accounts.client import PasswordResetView, SaidView, SessionView, SignUpStateView
from fogbank.accounts.organizations.refusals import REFUSALS as ORGANIZATION_REFUSALS
from fogbank.accounts.rules import PASSWORD_CHARACTERS_MAX
from fogbank.accounts.signing_in.addresses import Addresses
from fogbank.accounts.signing_in.api import FromBrowser, session_view
from fogbank.accounts.signing_in.browser import place_of
from fogbank.accounts.signing_in.invited import InvitedSignUp
from fogbank.accounts.signing_in.model import Place
from fogbank.accounts.signing_in.refusals import REFUSALS
from fogbank.accounts.signing_in.resetting import Resetting
from fogbank.accounts.signing_in.sign_up import SignUp
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.http.values import Email, Name, Secret

NewPassword = Annotated[Secret, Field(max_length=PASSWORD_CHARACTERS_MAX)]
"""How short and how easy to guess it may be, is a rule that answers for itself."""

ASKED = SaidView("If this can be done, an e-mail is on its way.")
CHANGED = SaidView("The account has this address now.")
UNDONE = SaidView(
    "The account has its old address again, and nobody is signed in; choose a password by the link there."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSignUp(FromBrowser):
    """Who signs up."""

    email: Email
    name: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(FromBrowser):
    """Whose mailbox."""

    email: Email


@dataclass(frozen=True, slots=True, kw_only=True)
class WithPassword(FromBrowser):
    """A link's token, and the password to have from now on."""

    token: Secret = field(repr=False)
    password: NewPassword = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited(WithPassword):
    """Who signs up by an invitation's token."""

    name: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class Token(FromBrowser):
    """A link's token."""

    token: Secret = field(repr=False)


def sign_up_routes(sign_up: SignUp) -> APIRouter:
    router = APIRouter(prefix="/api/v1/auth", tags=["sign-in"], dependencies=REFUSALS)

    @router.get("/sign-ups")
    async def read_sign_up_state() -> SignUpStateView:
        """Whether people can sign up by themselves: by setting, and since e-mails can be sent."""
        return SignUpStateView(await sign_up.is_possible())

    @router.post("/sign-ups", status_code=202, responses=problem_responses(401, 403, 429))
    async def begin_sign_up(body: NewSignUp, request: Request) -> SaidView:
        """Sign up: an e-mail asks to confirm the address. 403 `sign-up-closed` where nobody can."""
        await sign_up.begin(body.email, body.name, (await _place(request, body)).address)
        return ASKED

    @router.post("/sign-ups:resend", status_code=202, responses=problem_responses(401, 403, 429))
    async def resend_sign_up(body: Asked, request: Request) -> SaidView:
        """Send that e-mail again."""
        await sign_up.send_again(body.email, (await _place(request, body)).address)
        return ASKED

    @router.post("/sign-ups:confirm", status_code=201, responses=problem_responses(401))
    async def confirm_sign_up(body: WithPassword, request: Request) -> SessionView:
        """Confirm the address, choose a password, and be signed in. 422 `weak-password` leaves the token unused."""
        return session_view(await sign_up.confirm(body.token, body.password, await _place(request, body)))

    return router


def invited_routes(invited: InvitedSignUp) -> APIRouter:
    router = APIRouter(prefix="/api/v1/auth", tags=["sign-in"], dependencies=[*REFUSALS, *ORGANIZATION_REFUSALS])

    @router.post("/sign-ups:invited", status_code=201, responses=problem_responses(401, 403, 409, 410))
    async def sign_up_invited(body: Invited, request: Request) -> SessionView:
        """Sign up by an invitation, join, and be signed in. 409 `email-taken`: sign in, and accept it."""
        session = await invited.sign_up(body.token, body.name, body.password, await _place(request, body))
        return session_view(session)

    return router


def reset_routes(resetting: Resetting, addresses: Addresses) -> APIRouter:
    router = APIRouter(prefix="/api/v1/auth", tags=["sign-in"], dependencies=REFUSALS)

    @router.post("/password-resets", status_code=202, responses=problem_responses(401, 429, 503))
    async def begin_reset(body: Asked, request: Request) -> SaidView:
        """Ask for a link to choose a new password by."""
        await resetting.begin(body.email, (await _place(request, body)).address)
        return ASKED

    @router.post("/password-resets:finish", responses=problem_responses(401))
    async def finish_reset(body: WithPassword, request: Request) -> PasswordResetView:
        """Choose it. Every session ends; 422 `weak-password` leaves the token unused."""
        return PasswordResetView(await resetting.finish(body.token, body.password, await _place(request, body)))

    @router.post("/email-changes:confirm", responses=problem_responses(401, 409))
    async def confirm_email_change(body: Token, request: Request) -> SaidView:
        """Confirm a new address, which is the account's from then on."""
        await addresses.confirm(body.token, await _place(request, body))
        return CHANGED

    @router.post("/email-changes:undo", responses=problem_responses(401, 409))
    async def undo_email_change(body: Token, request: Request) -> SaidView:
        """Give the account back to its old address: nobody is signed in any more, and a link goes there."""
        await addresses.undo(body.token, await _place(request, body))
        return UNDONE

    return router


async def _place(request: Request, body: FromBrowser) -> Place:
    return await place_of(request, body.client_address, body.client_agent, body.device_token)
