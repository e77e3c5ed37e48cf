"""What `fogbank activity list` and `export` share: whom they ask, and which acts are asked for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import typer

from fogbank.accounts.client import ActivityClient, ActivityFilters
from fogbank.cli.commands.usage_commands.reaching import accounts_of
from fogbank.cli.commands.usage_commands.words import instant_of_option
from fogbank.runtime.settings import Settings

AccountOption = Annotated[str | None, typer.Option(help="Only what concerns this user or organisation.")]
ActorOption = Annotated[str | None, typer.Option(help="Only acts of this user, service account or service.")]
ActionOption = Annotated[str | None, typer.Option(help="Only this action, or those below it, such as session.")]
SubjectOption = Annotated[str | None, typer.Option(help="Only acts on this thing, such as api_key:key_1.")]
AddressOption = Annotated[str | None, typer.Option(help="Only acts from this network address.")]
SinceOption = Annotated[str | None, typer.Option("--from", help="From this day or instant on (UTC).")]
UntilOption = Annotated[str | None, typer.Option("--to", help="Before this day or instant (UTC).")]


def filters_of(
    *,
    actor: str | None,
    action: str | None,
    subject: str | None,
    address: str | None,
    since: str | None,
    until: str | None,
) -> ActivityFilters:
    """The options as the log takes them."""
    return ActivityFilters(
        subject=subject,
        actor_id=actor,
        action=action,
        address=address,
        from_=None if since is None else instant_of_option("--from", since),
        to=None if until is None else instant_of_option("--to", until),
    )


@asynccontextmanager
async def activity_of(settings: Settings) -> AsyncIterator[ActivityClient]:
    """The log of the running system that the settings describe."""
    async with accounts_of(settings) as accounts:
        yield ActivityClient(accounts.service)
