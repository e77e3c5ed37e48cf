"""Routes that take a proof: a passkey alone, to sign in; and any, to confirm who holds a session."""

from dataclasses import dataclass

from fastapi import APIRouter, Request

from fogbank.accounts.client.factors import ConfirmedView, PasskeyOptionsView, ProofView
from fogbank.accounts.client.signing_in import SessionView
from fogbank.accounts.factors.api import PasskeyAnswer
from fogbank.accounts.factors.errors import WrongCode
from fogbank.accounts.factors.model import Method
from fogbank.accounts.factors.passkey_sign_in import PasskeySignIn
from fogbank.accounts.factors.proofs import RecentProofs
from fogbank.accounts.factors.refusals import REFUSALS
from fogbank.accounts.factors.rules import PROOF_LIFE
from fogbank.accounts.guards import UserCaller
from fogbank.accounts.signing_in.api import FromBrowser, session_view
from fogbank.accounts.signing_in.browser import place_of
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.http.values import Secret
from fogbank.runtime.problems import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeySession(FromBrowser):
    """A passkey's answer."""

    answer: PasskeyAnswer


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A password or a code as `code`, or a passkey's `answer`."""

    method: Method
    code: Secret | None = None
    answer: PasskeyAnswer | None = None


def proof_routes(sign_in: PasskeySignIn, proofs: RecentProofs) -> APIRouter:
    router = APIRouter(prefix="/api/v1/auth", tags=["sign-in"], dependencies=REFUSALS)

    @router.post("/passkeys:begin", responses=problem_responses(409))
    async def begin_showing_passkey() -> PasskeyOptionsView:
        """Options for the browser's `navigator.credentials.get()`, good for one answer within five minutes."""
        return PasskeyOptionsView(await sign_in.begin())

    @router.post("/sessions:passkey", status_code=201, responses=problem_responses(401, 409))
    async def create_session_by_passkey(body: PasskeySession, request: Request) -> SessionView:
        """Sign in by a passkey alone, with the answer to `passkeys:begin`."""
        place = await place_of(request, body.client_address, body.client_agent, body.device_token)
        return session_view(await sign_in.finish(body.answer, place))

    @router.get("/sessions/current/proof", responses=problem_responses(401, 403))
    async def read_proof(caller: UserCaller) -> ProofView:
        """Until when this token's session may do what takes a recent proof, and how it can be confirmed."""
        proof = await proofs.standing(caller)
        return ProofView(sorted(proof.methods), proof.until)

    @router.post("/sessions/current:confirm", responses=problem_responses(401, 403, 409, 429))
    async def confirm_session(body: Confirmation, caller: UserCaller) -> ConfirmedView:
        """Prove again who holds the session of this token: by password, code or passkey. Good for ten minutes."""
        answer = body.answer if body.method is Method.PASSKEY else body.code
        if answer is None:
            field = "answer" if body.method is Method.PASSKEY else "code"
            fault = {"field": f"body.{field}", "reason": f"is what {body.method} is proved by"}
            raise Problem(422, "invalid-request", f"Give body.{field}.", extra={"errors": [fault]})
        if not await proofs.confirm(caller, body.method, answer):
            raise WrongCode
        return ConfirmedView(proofs.clock() + PROOF_LIFE)

    return router
