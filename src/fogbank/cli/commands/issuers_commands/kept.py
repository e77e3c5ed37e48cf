"""`fogbank issuers list, add, change, remove`: the issuers that are believed about who somebody is."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, TypeVar

import httpx
import typer
from rich.table import Table

from fogbank.accounts.client import ServiceToken
from fogbank.accounts.client.issuers import USUAL_SCOPES, IssuersClient, IssuerView, NewIssuer
from fogbank.cli.options import DataOption, JsonOption, settings_of_running
from fogbank.cli.terminal import out, print_json
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.clock import now_utc
from fogbank.runtime.secret_files import service_secret

OPERATOR = "cli"
"""The name by which the command line signs in to accounts, and by which the activity log knows it."""
ANSWER_SECONDS = 60.0

ReasonOption = Annotated[str, typer.Option(help="Why, for the activity log.")]
T = TypeVar("T")


def list_issuers(*, data: DataOption = None, json: JsonOption = False) -> None:
    """List the issuers, by name."""
    issuers = _asked(data, lambda client: client.issuers())
    if json:
        print_json({"issuers": [asdict(issuer) for issuer in issuers]})
        return
    out.print(_table(issuers) if issuers else "People sign in here only; no other issuer is believed.")


def add(
    name: Annotated[str, typer.Argument(help="What the button says that people sign in by.")],
    url: Annotated[str, typer.Argument(help="The issuer, as it names itself.")],
    *,
    client_id: Annotated[str, typer.Option(help="What the issuer calls us.")],
    secret: Annotated[str, typer.Option(help="A dash to be asked for the client secret, or read it from a pipe.")] = "",
    domain: Annotated[list[str] | None, typer.Option(help="Addresses that it speaks for; again for more.")] = None,
    admit: Annotated[bool, typer.Option("--admit", help="Give people an account who have none.")] = False,
    org: Annotated[str | None, typer.Option(help="The organisation that they join.")] = None,
    role: Annotated[str | None, typer.Option(help="What they are there: admin, billing, member or viewer.")] = None,
    scope: Annotated[list[str] | None, typer.Option(help="What is asked for; again for more.")] = None,
    reason: ReasonOption = "",
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Believe an issuer about who somebody is. It is asked first whether it is one."""
    scopes = tuple(scope) if scope else USUAL_SCOPES
    issuer = NewIssuer(name, url, client_id, _secret(secret), tuple(domain or ()), admit, org, role, scopes)
    added = _asked(data, lambda client: client.add(issuer, reason))
    if json:
        print_json(asdict(added))
        return
    out.print(_table([added]))
    out.print(f"[quiet]Tell the issuer that people come back to[/] {added.redirect_uri}", soft_wrap=True)


def change(
    issuer: Annotated[str, typer.Argument(help="The issuer's id.")],
    *,
    name: Annotated[str | None, typer.Option(help="What the button says from now on.")] = None,
    secret: Annotated[str, typer.Option(help="A dash to be asked for a new client secret, or to read it.")] = "",
    domain: Annotated[list[str] | None, typer.Option(help="Addresses that it speaks for; again for more.")] = None,
    admit: Annotated[bool | None, typer.Option(help="Whether people get an account who have none.")] = None,
    org: Annotated[str | None, typer.Option(help="The organisation that they join, with --role.")] = None,
    role: Annotated[str | None, typer.Option(help="What they are there: admin, billing, member or viewer.")] = None,
    scope: Annotated[list[str] | None, typer.Option(help="What is asked for; again for more.")] = None,
    reason: ReasonOption = "",
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Change an issuer, such as its secret before that ends. Who came by it goes on."""
    asked = {
        "name": name,
        "client_secret": _secret(secret),
        "domains": domain or None,
        "admits_unknown": admit,
        "org_id": org,
        "role": role,
        "scopes": scope or None,
    }
    given = {member: value for member, value in asked.items() if value is not None}
    if not given:
        raise typer.BadParameter("say what to change: --name, --secret, --domain, --admit, --org and --role, --scope")
    changed = _asked(data, lambda client: client.change(issuer, given, reason))
    if json:
        print_json(asdict(changed))
        return
    out.print(_table([changed]))


def remove(
    issuer: Annotated[str, typer.Argument(help="The issuer's id.")],
    *,
    reason: ReasonOption = "",
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Believe an issuer no more. Who came by it is signed out, and needs another way into their account."""
    _asked(data, lambda client: client.remove(issuer, reason))
    if json:
        print_json({"id": issuer, "is_removed": True})
        return
    out.print(f"[good]✓[/] {issuer} opens nothing here any more.")


def _asked(data: Path | None, ask: Callable[[IssuersClient], Awaitable[T]]) -> T:
    """What the system that runs in the data directory answers."""
    settings = settings_of_running(data)[0].settings

    async def answer() -> T:
        async with httpx.AsyncClient(base_url=settings.services.url, timeout=ANSWER_SECONDS) as http:
            token = ServiceToken(http, OPERATOR, service_secret(settings.data / "secrets", OPERATOR), now_utc)
            return await ask(IssuersClient(ServiceHttp(http, token)))

    return asyncio.run(answer())


def _secret(given: str) -> str | None:
    """The client secret; never an argument of the command, which others of this machine can read."""
    if not given:
        return None
    if given != "-":
        raise typer.BadParameter("is asked for, or read from a pipe: --secret -")
    stdin = typer.get_text_stream("stdin")
    return typer.prompt("The client secret", hide_input=True, err=True) if stdin.isatty() else stdin.readline().strip()


def _table(issuers: list[IssuerView]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="quiet")
    for name in ("id", "name", "issuer", "addresses", "people without an account"):
        table.add_column(name, overflow="fold", no_wrap=name == "id")
    for each in issuers:
        joins = f" and are {each.role} of {each.org_id}" if each.org_id else ""
        newcomers = f"get one{joins}" if each.admits_unknown else "stay out"
        table.add_row(each.id, each.name, each.url, ", ".join(each.domains) or "any", newcomers)
    return table
