"""Accounts, for who is not inside yet: sign-ups, resets, second steps, issuers, invitations."""

from collections.abc import Callable
from typing import Any

from fastapi import Request
from tests.e2e.portal.stand_in.routes import Route
from tests.e2e.portal.world import DAY, EMAIL, NOW, USER, World

from fogbank.runtime.problems import Problem

SESSION = {"session_token": "session-1", "user_id": USER, "expires_at": NOW + 30 * DAY, "device_token": "device-1"}
OFFER = {"organization": "Fjord Analytics", "email": EMAIL, "role": "member", "inviter": "Ada Berg"}
STEP = Problem(
    401, "second-factor-needed", "One more step.", extra={"challenge": "c-1", "methods": ["recovery", "totp"]}
)
SAID = {"detail": "If this can be done, an e-mail is on its way."}
AUTH = "/api/v1/auth"


def answers(route: Route, world: World) -> None:
    door = world.door
    route(f"{AUTH}/sign-ups", "accounts", lambda _: {"is_open": door.get("is_open", False)})
    route(f"{AUTH}/oidc/issuers", "accounts", lambda _: {"issuers": door.get("issuers", [])})
    mail = {"is_ready": True}
    route("/api/v1/notifications/messages/ready", "notifications", lambda _: door.get("mail", mail))

    def post(path: str, content: Any, method: str = "POST") -> None:
        route(path, "accounts", _refusing(world, path, content), method)

    for said in ("sign-ups", "sign-ups:resend", "password-resets", "email-changes:confirm", "email-changes:undo"):
        post(f"{AUTH}/{said}", SAID)
    for opens in ("sign-ups:confirm", "sign-ups:invited", "sessions:second-factor", "sessions:passkey", "oidc:finish"):
        post(f"{AUTH}/{opens}", SESSION)
    post(f"{AUTH}/password-resets:finish", {"device_token": "device-2"})
    post(f"{AUTH}/passkeys:begin", {"public_key": {"challenge": "AAAA", "rpId": "localhost"}})
    post(f"{AUTH}/oidc/issuer_1:begin", {"url": "https://issuer.example/authorize?state=s", "binding": "b-1"})
    post(
        f"{AUTH}/oidc:confirm",
        {"id": "l", "issuer_id": "issuer_1", "email": EMAIL, "created_at": NOW, "last_used_at": None},
    )
    post("/api/v1/invitations:show", {**OFFER, "expires_at": NOW + DAY})
    post("/api/v1/invitations:accept", {"org_id": "org_fjord", "organization": "Fjord Analytics", "role": "member"})
    post(f"/api/v1/users/{USER}/password", None, "PUT")


def _refusing(world: World, path: str, content: Any) -> Callable[[Request], Any]:
    """What `path` answers: `content`, unless the world has it refuse, or answer otherwise."""

    def answer(request: Request) -> Any:
        world.posted[path] = request.state.body
        given = world.door.get(path, content)
        if isinstance(given, Problem):
            raise given
        return given

    return answer
