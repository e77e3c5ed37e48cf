"""What takes a recent proof: ask for one, and go on where one was.

A form that was refused for the lack of one goes along in hidden fields. Once the proof is given, the browser is sent to
post it again (307, RFC 9110, 15.4.8), so nothing that was typed is lost and nothing is kept here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from fastapi import Request, Response
from starlette.responses import RedirectResponse

from fogbank.portal.forms import read_form
from fogbank.portal.rendering import Pages
from fogbank.runtime.problems import Problem

PROOF_NEEDED = "recent-proof-needed"
PATH = "/confirm"
OWN = "confirm."
"""What the fields of the page itself begin with."""
METHOD, CODE, AGAIN, NEXT, METHODS = (f"{OWN}{name}" for name in ("method", "code", "again", "next", "methods"))

UNCARRIED = frozenset({"answer", "password", "current_password", "new_password"})
"""A form with one of these is typed again: secrets are not written into pages, and a passkey's answer is spent."""

SEE_OTHER = 303


@dataclass(frozen=True, slots=True)
class Asking:
    """What the page asks for: a proof by one of `methods`, and then to post `fields` to `again`, or to go to `next`."""

    methods: Sequence[str]
    next: str
    again: str = ""
    fields: Mapping[str, str] | None = None
    problem: str = ""

    def refused(self, problem: str, next_: str) -> "Asking":
        return replace(self, problem=problem, next=next_)


def read_asking(form: Mapping[str, str]) -> Asking:
    """What the page said when it was posted."""
    fields = {name: value for name, value in form.items() if not name.startswith(OWN) and name != "answer"}
    methods = [name for name in form.get(METHODS, "").split(" ") if name]
    return Asking(methods, form.get(NEXT, ""), form.get(AGAIN, ""), fields)


async def ask_for_proof(pages: Pages, request: Request, problem: Problem, *, back: str) -> Response:
    """The page that asks, in place of what was refused; scripts are sent to it, and come `back` without the form."""
    if "hx-request" in request.headers:
        return Response(status_code=problem.status, headers={"hx-redirect": confirm_path(back)})
    form = await read_form(request) if request.method == "POST" else {}
    wants_json = "json" in request.headers.get("accept", "")
    if request.method != "POST" or wants_json or not UNCARRIED.isdisjoint(form):
        return RedirectResponse(confirm_path(back), SEE_OTHER)
    again = f"{request.url.path}?{request.url.query}".rstrip("?")
    methods = [str(name) for name in problem.extra.get("methods", ())]
    return show(pages, request, Asking(methods, back, again, form), problem.status)


def show(pages: Pages, request: Request, asking: Asking, status: int = 200) -> Response:
    return pages.answer(request, "settings/confirm.html", status=status, asking=asking)


def confirm_path(back: str) -> str:
    """Where a proof is asked for, on the way to `back`."""
    return f"{PATH}?next={quote(back, safe='')}"
