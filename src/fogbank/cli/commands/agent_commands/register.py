"""`fogbank agent register`: makes this host a node: shows a one-time token and the public key, once."""

import asyncio
import shlex
import sys
from pathlib import Path
from typing import Annotated

import httpx
import typer

from fogbank.cli.agent_key import key_once
from fogbank.cli.agent_registration import is_out_of_reach, keep_registration
from fogbank.cli.failures import Refused
from fogbank.cli.options import DataOption, JsonOption, settings_of
from fogbank.cli.system import node_id_of
from fogbank.cli.terminal import MISUSED, err, out, print_json
from fogbank.compute.client import NodesClient, RegistrationView
from fogbank.compute.client.node_proofs import registration_text, signature_of
from fogbank.events.signing import public_key_of
from fogbank.runtime.client import ServiceHttp

FROM_INPUT = "-"
ANSWER_SECONDS = 30.0
OUT_OF_REACH = (
    "It was told that the queue is at {queue_url}, which is this host itself. Where Fogbank runs, set "
    "FOGBANK_NODES_QUEUE_URL and start it again; then register again with the same token."
)


def register(
    *,
    url: Annotated[str, typer.Option(help="Where Fogbank answers, such as https://billing.example.com.")],
    token: Annotated[str, typer.Option(help="The one-time token; - reads it from standard input.")],
    node: Annotated[str | None, typer.Option(help="This node's name. Default: made of the host's name.")] = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Register this host as a node, once. Safe to repeat where the answer was lost."""
    options = {"data": ("--data", data), "agent.node_id": ("--node", node), "services.url": ("--url", url)}
    settings = settings_of(options).settings
    shown = _from_input() if token == FROM_INPUT else token
    told = asyncio.run(_registered(settings.services.url.rstrip("/"), shown, node_id_of(settings), settings.data))
    if is_out_of_reach(settings.services.url, told.queue_url):
        err.print(f"[worry]![/] {OUT_OF_REACH.format(queue_url=told.queue_url)}", soft_wrap=True)
    if json:
        print_json({"node_id": told.node_id, "key_id": told.key_id, "queue_url": told.queue_url})
        return
    out.print(f"[good]✓[/] This host is the node [name]{told.node_id}[/], by the key [name]{told.key_id}[/].")
    where = "" if data is None else f" --data {shlex.quote(str(data))}"
    out.print(f"[quiet]Measure and send: [/]fogbank agent{where}", soft_wrap=True)


def _from_input() -> str:
    """The token as somebody types or pipes it; `Refused` where there is none."""
    shown = typer.prompt("The token", hide_input=True, err=True) if sys.stdin.isatty() else sys.stdin.readline()
    if not shown.strip():
        raise Refused("Standard input holds no token; pipe it there, or give it after --token.", MISUSED)
    return shown.strip()


async def _registered(url: str, token: str, node_id: str, data: Path) -> RegistrationView:
    seed = key_once(data)
    async with httpx.AsyncClient(base_url=url, timeout=ANSWER_SECONDS) as http:
        told = await NodesClient(ServiceHttp(http)).register(
            token=token,
            node_id=node_id,
            public_key=public_key_of(seed),
            proof=signature_of(registration_text(token, node_id), seed),
        )
    keep_registration(data, url, told)
    return told
