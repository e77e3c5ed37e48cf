"""`fogbank usage correct`: make one reading say what it should have said."""

import asyncio
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

import typer

from fogbank.cli.commands.usage_commands.reaching import mending_of
from fogbank.cli.commands.usage_commands.words import instant_of_option
from fogbank.cli.failures import Refused
from fogbank.cli.options import DataOption, JsonOption, settings_of_running
from fogbank.cli.terminal import MISUSED, out, print_json
from fogbank.runtime.settings import Settings
from fogbank.usage.client.mending import ReadingView


def correct(
    instance: Annotated[str, typer.Argument(help="The instance's id.")],
    start: Annotated[str, typer.Argument(help="The start of the reading's period, as 2026-11-20T06:00:30.")],
    *,
    reason: Annotated[str, typer.Option(help="Why, for the activity log.")],
    metric: Annotated[
        list[str] | None, typer.Option("--set", help="A metric and its value, as cpu_seconds=12.5; more than once.")
    ] = None,
    end: Annotated[str | None, typer.Option(help="The end of its period.")] = None,
    user: Annotated[str | None, typer.Option(help="Whose reading it is.")] = None,
    org: Annotated[str | None, typer.Option(help="Which organisation pays; `none`: the user.")] = None,
    key: Annotated[str, typer.Option(help="A name for this act: the same name again is the same act.")] = "",
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Correct a reading. It is billed so within moments; what it said before stays in the activity log."""
    changes = _changes(metric or [], end, user, org)
    if not changes:
        raise Refused("Say what to correct: --set METRIC=VALUE, --end, --user or --org.", MISUSED)
    start_at = instant_of_option("START", start)
    loaded, _ = settings_of_running(data)
    corrected = asyncio.run(_correct(loaded.settings, instance, start_at, {"reason": reason, "key": key, **changes}))
    if json:
        print_json(asdict(corrected))
    else:
        said = ", ".join(f"{name} {value}" for name, value in corrected.metrics.items())
        out.print(f"[good]✓[/] Revision {corrected.revision}, paid by [name]{corrected.account_id}[/]: {said}")


async def _correct(settings: Settings, instance: str, start_at: datetime, said: dict[str, Any]) -> ReadingView:
    async with mending_of(settings) as mending:
        return await mending.correct(instance, start_at, **said)


def _changes(metrics: list[str], end: str | None, user: str | None, org: str | None) -> dict[str, Any]:
    values = dict(_metric(each) for each in metrics)
    changes: dict[str, Any] = {"metrics": values} if values else {}
    if end is not None:
        changes["period_end"] = instant_of_option("--end", end)
    if user is not None:
        changes["user_id"] = user
    if org is not None:
        changes["org_id"] = None if org == "none" else org
    return changes


def _metric(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise Refused(f"--set is '{text}' and must be a metric and its value, such as cpu_seconds=12.5.", MISUSED)
    return name.strip(), value.strip()
