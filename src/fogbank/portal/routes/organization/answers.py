"""How the routes of an organisation answer what was posted."""

from urllib.parse import urlencode

from fastapi import Request, Response
from starlette.responses import RedirectResponse

from fogbank.portal.organization.team import PATH
from fogbank.portal.page_route import SEE_OTHER
from fogbank.portal.views.settings.sure import Sure
from fogbank.portal.visit import Reception, Visit


def back(account_id: str, done: str, path: str = PATH) -> Response:
    """Back to a page, which says what was done."""
    return RedirectResponse(f"{path}?{urlencode({'account': account_id, 'done': done})}", SEE_OTHER)


def path_of(account_id: str, path: str = PATH) -> str:
    return f"{path}?{urlencode({'account': account_id})}"


async def ask(reception: Reception, request: Request, visit: Visit, sure: Sure, *, status: int = 200) -> Response:
    """The page that asks whether one is sure; it posts to its own address."""
    shell = await visit.shell(request.url.path)
    return reception.pages.answer(request, "settings/sure.html", status=status, shell=shell, sure=sure)
