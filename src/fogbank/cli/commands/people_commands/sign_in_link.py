"""`fogbank people sign-in-link`: a link that signs somebody in once; the way in where no e-mails are sent."""

import asyncio
from typing import Annotated

import httpx
import typer

from fogbank.accounts.client import ServiceToken, SignInLinkView, UsersView
from fogbank.cli.failures import Refused
from fogbank.cli.options import DataOption, JsonOption, settings_of_running
from fogbank.cli.terminal import out, print_json
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.clock import now_utc
from fogbank.runtime.http.reason import reason_header
from fogbank.runtime.secret_files import service_secret
from fogbank.runtime.settings import Settings

OPERATOR = "cli"
"""The name by which the command line signs in to accounts, and by which the activity log knows it."""
ANSWER_SECONDS = 30.0
USERS = "/api/v1/users"


def sign_in_link(
    email: Annotated[str, typer.Argument(help="The e-mail address of somebody who has an account.")],
    *,
    reason: Annotated[str, typer.Option(help="Why, for the activity log.")] = "",
    send: Annotated[bool, typer.Option("--send", help="Send it to that address, too.")] = False,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Make a link that signs somebody in, once and within a day. Who comes by it can choose a password."""
    loaded, _ = settings_of_running(data)
    link = asyncio.run(_link(loaded.settings, email, reason, is_sent=send))
    if json:
        print_json({"email": email, "url": link.url, "is_sent": send})
        return
    out.print(f"[link]{link.url}[/]", soft_wrap=True)
    sent = f" It goes to {email}, too." if send else ""
    out.print(f"[quiet]It signs {email} in, once, within a day.{sent}[/]", soft_wrap=True)


async def _link(settings: Settings, email: str, reason: str, *, is_sent: bool) -> SignInLinkView:
    async with httpx.AsyncClient(base_url=settings.services.url, timeout=ANSWER_SECONDS) as http:
        token = ServiceToken(http, OPERATOR, service_secret(settings.data / "secrets", OPERATOR), now_utc)
        service = ServiceHttp(http, token)
        page = await service.get(USERS, params={"email": email}, as_=UsersView)
        if not page.users:
            raise Refused(f"Nobody here has the address {email}.")
        said = reason_header(reason) if reason else None
        path = f"{USERS}/{page.users[0].id}/sign-in-links"
        return await service.post(path, {"by_email": is_sent}, as_=SignInLinkView, headers=said)
