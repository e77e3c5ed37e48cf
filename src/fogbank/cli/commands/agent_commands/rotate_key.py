"""`fogbank agent rotate-key`: another key for this node, signed for by the present one."""

import asyncio
from pathlib import Path

import httpx

from fogbank.cli.agent_key import known_key, next_key_once, take_next_key
from fogbank.cli.agent_registration import settings_by_registration
from fogbank.cli.failures import Refused
from fogbank.cli.options import DataOption, JsonOption, settings_of
from fogbank.cli.system import node_id_of
from fogbank.cli.terminal import MISUSED, out, print_json
from fogbank.compute.client import NodesClient, RegistrationView
from fogbank.compute.client.node_proofs import rotation_text, signature_of
from fogbank.events.signing import key_id, public_key_of
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.settings import Settings

ANSWER_SECONDS = 30.0


def rotate_key(*, data: DataOption = None, json: JsonOption = False) -> None:
    """Give this node another key. The present one holds for a day more: restart the agent within it."""
    options = {"data": ("--data", data)}
    known = settings_of(options).settings.data
    settings = settings_of(options, below=settings_by_registration(known)).settings
    told = asyncio.run(_rotated(settings))
    if json:
        print_json({"node_id": told.node_id, "key_id": told.key_id})
        return
    out.print(f"[good]✓[/] The node [name]{told.node_id}[/] has the key [name]{told.key_id}[/].")
    out.print("[quiet]The agent signs with it after its next start; the one before holds for a day.[/]")


async def _rotated(settings: Settings) -> RegistrationView:
    present = _present_key(settings.data)
    if not settings.services.url:
        raise Refused(
            "It is not known where this node registered; register it with `fogbank agent register`, or set "
            "FOGBANK_SERVICES_URL.",
            MISUSED,
        )
    node_id, following = node_id_of(settings), next_key_once(settings.data)
    public_key = public_key_of(following)
    text = rotation_text(node_id, public_key)
    async with httpx.AsyncClient(base_url=settings.services.url, timeout=ANSWER_SECONDS) as http:
        told = await NodesClient(ServiceHttp(http)).rotate(
            node_id,
            key_id=key_id(public_key_of(present)),
            public_key=public_key,
            signature=signature_of(text, present),
            proof=signature_of(text, following),
        )
    take_next_key(settings.data)
    return told


def _present_key(data: Path) -> bytes:
    present = known_key(data)
    if present is None:
        raise Refused("This node has no key yet; register it with `fogbank agent register`.", MISUSED)
    return present
