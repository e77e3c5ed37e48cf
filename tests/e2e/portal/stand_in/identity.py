"""Accounts: who signs in, what they belong to, and their instances."""

from datetime import timedelta
from typing import Any

from fastapi import Request
from tests.e2e.portal.stand_in.routes import Route, id_in
from tests.e2e.portal.world import DAY, EMAIL, FLEET, LINK, NOW, ORG, OTHER_ORG, PASSWORD, USER, World

from fogbank.runtime.problems import Problem


def answers(route: Route, world: World) -> None:
    _sessions(route, world)

    def me(_: Request) -> object:
        belongs = {"organizations": {ORG: world.role, OTHER_ORG: "viewer"}}
        return person | belongs | world.door.get("person", {})

    person = {"id": USER, "email": EMAIL, "name": "Mira Lindqvist", "status": "active", "is_administrator": False}
    person |= {"created_at": NOW - 400 * DAY}
    names = {ORG: "Acme Robotics", OTHER_ORG: "Fjord Analytics", USER: "Mira Lindqvist"}
    route("/api/v1/users/me", "accounts", me)
    account = {"kind": "organization", "status": "active", "created_at": NOW}
    route("/api/v1/accounts/{id}", "accounts", lambda r: account | {"id": id_in(r), "name": names[id_in(r)]})
    route("/api/v1/instances", "accounts", lambda r: {"instances": _registered(world, r), "next_cursor": None})


def _sessions(route: Route, world: World) -> None:
    session = {"session_token": "session-1", "user_id": USER, "expires_at": world.now + 30 * DAY}
    bearer = {"access_token": "jwt", "expires_at": world.now + timedelta(minutes=5), "token_type": "Bearer"}

    def sign_in(request: Request) -> object:
        if world.refusal:
            raise world.refusal
        if request.state.body["password"] != PASSWORD:
            raise Problem(401, "wrong-credentials", "No.")
        return session

    def link(request: Request) -> object:
        if request.state.body["token"] != LINK or world.is_link_used:
            raise Problem(401, "wrong-credentials", "No.")
        world.is_link_used = True
        return session

    def token(request: Request) -> object:
        if request.state.body["session_token"] != "session-1" or not world.has_session:
            raise Problem(401, "session-ended", "No.")
        return bearer

    route("/api/v1/auth/sessions", "accounts", sign_in, "POST")
    route("/api/v1/auth/sessions:link", "accounts", link, "POST")
    route("/api/v1/auth/sessions/current", "accounts", lambda _: None, "DELETE")
    route("/api/v1/auth/token", "accounts", token, "POST")


def _registered(world: World, request: Request) -> list[dict[str, Any]]:
    account = request.query_params["account_id"]
    owner = {"account_id": account, "user_id": USER, "org_id": account, "created_at": NOW}
    names = [] if world.is_new or account != ORG else FLEET
    return [{"id": f"i-{name}", "name": name, **owner} for name in names]
