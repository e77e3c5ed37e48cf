"""`fogbank usage replay`: read a part of the queue again."""

import asyncio
from dataclasses import asdict
from typing import Annotated, Any

import typer

from fogbank.cli.commands.usage_commands.reaching import mending_of
from fogbank.cli.commands.usage_commands.words import instant_of_option
from fogbank.cli.options import DataOption, JsonOption, settings_of_running
from fogbank.cli.terminal import out, print_json, progress_bar
from fogbank.runtime.settings import Settings
from fogbank.usage.client.mending import ReplayView

POLL_SECONDS = 0.5


def replay(
    *,
    reason: Annotated[str, typer.Option(help="Why, for the activity log.")],
    from_sequence: Annotated[int | None, typer.Option(help="From this message on. Default: the first.", min=1)] = None,
    from_time: Annotated[str | None, typer.Option(help="Or from what came then on.")] = None,
    until_sequence: Annotated[int | None, typer.Option(help="Up to and with this message.", min=1)] = None,
    until_time: Annotated[str | None, typer.Option(help="Or up to what came before then. Default: now.")] = None,
    wait: Annotated[bool, typer.Option(help="Wait until it is done. It goes on without us, too.")] = True,
    key: Annotated[str, typer.Option(help="A name for this act: the same name again is the same act.")] = "",
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Read and store a part of the queue again, beside what comes in. What is stored is not counted twice."""
    bounds = {
        "from_sequence": from_sequence,
        "from_time": None if from_time is None else instant_of_option("--from-time", from_time),
        "until_sequence": until_sequence,
        "until_time": None if until_time is None else instant_of_option("--until-time", until_time),
    }
    loaded, _ = settings_of_running(data)
    done = asyncio.run(_replayed(loaded.settings, bounds, reason, key, wait=wait))
    if json:
        print_json(asdict(done))
        return
    sentence = f"[name]{done.events:,}[/] readings of {done.messages:,} messages are stored"
    under_way = f"Under way as [name]{done.id}[/]: messages {done.first_sequence:,} to {done.last_sequence:,}"
    out.print(f"[good]✓[/] {sentence if done.state == 'done' else under_way}.", soft_wrap=True)


async def _replayed(settings: Settings, bounds: dict[str, Any], reason: str, key: str, *, wait: bool) -> ReplayView:
    async with mending_of(settings) as mending:
        replay = await mending.begin_replay(bounds, reason=reason, key=key)
        total = replay.last_sequence - replay.first_sequence + 1
        with progress_bar("Reading the queue again", max(total, 0), "messages") as bar:
            seen = replay.first_sequence
            while wait and replay.state != "done":
                await asyncio.sleep(POLL_SECONDS)
                replay = await mending.replay(replay.id)
                bar.advance(replay.next_sequence - seen)
                seen = replay.next_sequence
        return replay
