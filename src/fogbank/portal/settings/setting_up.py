"""Puts the pages together that set up a second factor, and those that show recovery codes, once."""

from base64 import b64encode
from collections.abc import Sequence

from fogbank.accounts.client.factors import PasskeyView, SecondFactorsView
from fogbank.portal.page import Context
from fogbank.portal.settings import security
from fogbank.portal.settings.own import own
from fogbank.portal.settings.profile import Typed
from fogbank.portal.views.settings.sure import Sure
from fogbank.portal.visit import Visit

BACK = f"{security.PATH}#factors"
GROUP = 4
LAST = "It is your only second factor: without it your password alone lets anybody in, and your recovery codes go too."
OTHERS = "Your other factors stay."


async def app_context(visit: Visit, seed_key: str, typed: Typed) -> Context:
    """The seed, the same one again for the same key, as a picture, a link and letters; and a field for a code."""
    seed = await own(visit).factors.begin_totp(seed_key)
    groups = [seed.secret[start : start + GROUP] for start in range(0, len(seed.secret), GROUP)]
    return {
        "shell": await visit.shell(security.PATH),
        "seed_key": seed_key,
        "uri": seed.uri,
        "secret": " ".join(groups),
        # As an image: what it draws can then do nothing to the page.
        "picture": f"data:image/svg+xml;base64,{b64encode(seed.qr_svg.encode()).decode()}",
        "typed": typed,
    }


async def codes_context(visit: Visit, codes: Sequence[str], done: str) -> Context:
    return {"shell": await visit.shell(security.PATH), "codes": codes, "done": done, "email": visit.person.user.email}


async def removing_app(visit: Visit) -> Sure:
    found = await own(visit).factors.mine()
    text = f"Its codes are taken no more. {OTHERS if found.passkeys else LAST}"
    return Sure("Remove the app?", text, "Remove the app", BACK)


async def removing_passkey(visit: Visit, passkey: PasskeyView) -> Sure:
    found = await own(visit).factors.mine()
    text = f"It signs you in no more. {OTHERS if _has_another(found) else LAST}"
    return Sure(f"Remove “{passkey.name}”?", text, "Remove passkey", BACK)


def _has_another(found: SecondFactorsView) -> bool:
    return found.totp_since is not None or len(found.passkeys) > 1
