"""All that people meet before they are inside."""

from collections.abc import Sequence

from fastapi import APIRouter

from fogbank.portal.door import Door
from fogbank.portal.routes.door import door_routes, leaving_routes
from fogbank.portal.routes.door_addresses import address_routes
from fogbank.portal.routes.door_invitations import invitation_routes
from fogbank.portal.routes.door_issuers import confirm_routes, issuer_routes
from fogbank.portal.routes.door_passkeys import passkey_routes
from fogbank.portal.routes.door_resets import forgot_routes, reset_routes
from fogbank.portal.routes.door_second_step import second_step_routes
from fogbank.portal.routes.door_sign_up import confirm_sign_up_routes, sign_up_routes
from fogbank.portal.routes.door_welcome import welcome_routes

ROUTES = (
    door_routes,
    leaving_routes,
    second_step_routes,
    passkey_routes,
    issuer_routes,
    confirm_routes,
    sign_up_routes,
    confirm_sign_up_routes,
    forgot_routes,
    reset_routes,
    address_routes,
    invitation_routes,
    welcome_routes,
)


def all_door_routes(door: Door) -> Sequence[APIRouter]:
    return [routes(door) for routes in ROUTES]
