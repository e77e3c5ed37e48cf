"""Puts the security page together: password, second factors, other issuers, sessions. Each part fails alone."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from fastapi import Request

from fogbank.accounts.client.factors import PasskeyView, ProofView, SecondFactorsView
from fogbank.accounts.client.issuers import IssuerChoiceView, IssuerLinkView
from fogbank.portal.page import Context
from fogbank.portal.settings.own import COMPONENT, own
from fogbank.portal.settings.profile import NOTHING, Typed
from fogbank.portal.views.missing import Missing
from fogbank.portal.views.settings.factors import FactorsPart, factors_part
from fogbank.portal.views.settings.issuers import IssuerRow, issuer_rows
from fogbank.portal.views.settings.sessions import sessions_part
from fogbank.portal.visit import Visit
from fogbank.runtime.problems import not_found

T = TypeVar("T")

PATH = "/settings/security"


async def context(visit: Visit, request: Request, act: str, done: str = "", typed: Typed = NOTHING) -> Context:
    """The whole page; `act` names what its form for an app begins, so that it is begun once."""
    mine = own(visit)
    proof, factors, issuers, links, sessions, shell = await asyncio.gather(
        _asked(visit, mine.factors.proof()),
        _asked(visit, mine.factors.mine()),
        _asked(visit, mine.issuers.choices()),
        _asked(visit, mine.issuers.links()),
        _asked(visit, mine.sessions.sessions()),
        visit.shell(PATH),
    )
    now, formats = visit.now, visit.formats
    return {
        "shell": shell,
        "tab": PATH,
        "done": done,
        "problem": typed.problem,
        "typed": typed,
        "act": act,
        "user": visit.person.user,
        "has_password": _has_password(proof),
        "factors": _factors(factors, visit, request),
        "issuers": _issuers(issuers, links, visit),
        "sessions": sessions if isinstance(sessions, Missing) else sessions_part(sessions, now, formats),
    }


async def passkey_of(visit: Visit, passkey_id: str) -> PasskeyView:
    found = (await own(visit).factors.mine()).passkeys
    passkey = next((each for each in found if each.id == passkey_id), None)
    if passkey is None:
        raise not_found("passkey", passkey_id)
    return passkey


async def link_of(visit: Visit, link_id: str) -> IssuerRow:
    mine = own(visit).issuers
    choices, links = await asyncio.gather(mine.choices(), mine.links())
    rows = issuer_rows(choices, links, visit.now, visit.formats)
    row = next((each for each in rows if each.link_id and each.link_id == link_id), None)
    if row is None:
        raise not_found("link", link_id)
    return row


def origin_of(request: Request) -> str:
    """The origin of this page, as the browser sees it."""
    return f"{request.url.scheme}://{request.url.netloc}"


async def _asked(visit: Visit, asked: Awaitable[T]) -> T | Missing:
    return await visit.desk.answer(COMPONENT, asked)


def _has_password(proof: ProofView | Missing) -> bool:
    return isinstance(proof, Missing) or "password" in proof.methods


def _factors(found: SecondFactorsView | Missing, visit: Visit, request: Request) -> FactorsPart | Missing:
    if isinstance(found, Missing):
        return found
    return factors_part(found, origin_of(request), visit.now, visit.formats)


def _issuers(
    choices: list[IssuerChoiceView] | Missing, links: list[IssuerLinkView] | Missing, visit: Visit
) -> list[IssuerRow] | Missing:
    if isinstance(choices, Missing):
        return choices
    if isinstance(links, Missing):
        return links
    return issuer_rows(choices, links, visit.now, visit.formats)
