"""All addresses under /settings, and the one that confirms who is there."""

from fastapi import APIRouter

from fogbank.portal.routes.settings.confirm import confirm_routes
from fogbank.portal.routes.settings.factors import app_routes, recovery_routes
from fogbank.portal.routes.settings.farewell import closing_routes, leaving_routes
from fogbank.portal.routes.settings.issuers import issuer_link_routes
from fogbank.portal.routes.settings.keys import key_act_routes, key_routes
from fogbank.portal.routes.settings.machines import machine_act_routes, machine_routes
from fogbank.portal.routes.settings.passkeys import passkey_act_routes, passkey_routes
from fogbank.portal.routes.settings.profile import profile_routes
from fogbank.portal.routes.settings.security import security_routes, session_routes
from fogbank.portal.visit import Reception


def settings_routes(reception: Reception) -> list[APIRouter]:
    return [
        confirm_routes(reception),
        profile_routes(reception),
        leaving_routes(reception),
        closing_routes(reception),
        security_routes(reception),
        session_routes(reception),
        app_routes(reception),
        recovery_routes(reception),
        passkey_routes(reception),
        passkey_act_routes(reception),
        issuer_link_routes(reception),
        key_routes(reception),
        key_act_routes(reception),
        machine_routes(reception),
        machine_act_routes(reception),
    ]
