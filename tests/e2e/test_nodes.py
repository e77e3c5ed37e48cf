"""A host becomes a node, by the commands that an operator types: invited, registered, placed on, rotated, revoked."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from tests.e2e.starting import PATIENCE_SECONDS, Up, command, environment, fogbank, running_up

from fogbank.runtime.embedded import temporary_directory

WHY = ("--reason", "a test")


@pytest_asyncio.fixture(scope="module")
async def up() -> AsyncIterator[Up]:
    with temporary_directory() as directory:
        async with running_up(directory, FOGBANK_AGENT_INTERVAL_SECONDS="1") as up:
            yield up


@pytest.fixture
def host() -> Iterator[Path]:
    """The data directory of another host."""
    with temporary_directory() as directory:
        yield directory


async def told(up: Up, *arguments: str) -> Any:
    """What `fogbank nodes …` says."""
    ran = await asyncio.to_thread(fogbank, "nodes", *arguments, "--data", up.ready["data"], "--json")
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


async def on(host: Path, *arguments: str) -> Any:
    """What `fogbank agent …` says on that host."""
    ran = await asyncio.to_thread(fogbank, "agent", *arguments, "--data", str(host), "--json")
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


@asynccontextmanager
async def agent(host: Path, user_id: str) -> AsyncIterator[asyncio.StreamReader]:
    """The agent of that host, and what it logs."""
    process = await asyncio.create_subprocess_exec(
        *command("agent", "--data", str(host), "--interval", "1"),
        env=environment(FOGBANK_AGENT_USER_ID=user_id),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    try:
        yield process.stdout
    finally:
        process.terminate()
        await process.communicate()


async def says(log: asyncio.StreamReader, words: str) -> None:
    """Wait for a line with these words."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while line := (await log.readline()).decode():
            if words in line:
                return
    raise AssertionError(f"it ended without saying '{words}'")


async def test_a_host_becomes_a_node_and_ends_as_one(up: Up, host: Path) -> None:
    [own] = (await told(up, "list"))["nodes"]
    assert own["is_self_placing"] is True
    token = (await told(up, "invite", "--operator", own["operator_id"], *WHY))["token"]
    register = ("register", "--url", up.ready["url"], "--token", token, "--node", "rack-4")
    registered = await on(host, *register)
    assert await on(host, *register) == registered
    user_id = await _somebody(up)
    owner = ("--user", user_id, "--organization", own["operator_id"])
    placed = await told(up, "place", "vm-7", "--node", "rack-4", *owner, *WHY)
    async with agent(host, user_id) as log:
        await says(log, "placements=1")
        rotated = await on(host, "rotate-key")
        assert rotated["key_id"] != registered["key_id"]
        await told(up, "unplace", str(placed["id"]), *WHY)
        await says(log, "placements=0")
        await told(up, "revoke", "rack-4", *WHY)
        await says(log, "queue_disconnected")
        await says(log, "queue_refuses_us")
    there = await told(up, "placements", "--node", "rack-4", "--now")
    assert there["placements"] == []
    seen = await told(up, "show", "rack-4")
    assert [each["id"] for each in seen["keys"]] == [registered["key_id"], rotated["key_id"]]
    assert seen["revoke_reason"] == "a test"


async def test_an_invitation_says_what_to_type(up: Up, host: Path) -> None:
    [own, *_] = (await told(up, "list"))["nodes"]
    invite = ("invite", "--operator", own["operator_id"], "--node", "rack-5", *WHY, "--data", up.ready["data"])
    invited = (await asyncio.to_thread(fogbank, "nodes", *invite)).stdout.splitlines()
    program, *arguments = invited[-1].split()
    assert (program, arguments[-4:]) == ("fogbank", ["--token", "-", "--node", "rack-5"])
    ran = await asyncio.to_thread(fogbank, *arguments, "--data", str(host), typed=invited[0])
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[-1] == f"Measure and send: fogbank agent --data {host}"


@pytest.mark.parametrize(
    ("url", "token", "said"),
    [
        ("billing.example.com", "fb_node_none", "services.url is 'billing.example.com' (from --url) and must be a URL"),
        ("http://127.0.0.1:1", "-", "Standard input holds no token"),
    ],
)
async def test_what_cannot_register_is_misuse(url: str, token: str, said: str, host: Path) -> None:
    register = ("agent", "register", "--url", url, "--token", token, "--data", str(host))
    ran = await asyncio.to_thread(fogbank, *register, typed="\n")
    assert ran.returncode == 2
    assert said in ran.stderr


async def test_a_key_on_disk_is_its_owners_only_and_a_token_that_is_none_is_refused(up: Up, host: Path) -> None:
    ran = await asyncio.to_thread(
        fogbank, "agent", "register", "--url", up.ready["url"], "--token", "fb_node_none", "--data", str(host)
    )
    assert ran.returncode == 1
    assert "This token is not known" in ran.stderr
    assert (host / "agent" / "node.key").stat().st_mode & 0o777 == 0o600
    assert not (host / "agent" / "registration.json").exists()


async def test_a_queue_of_ones_own_is_told_what_it_needs(up: Up) -> None:
    document = json.loads(
        (await asyncio.to_thread(fogbank, "nodes", "queue-config", "--data", up.ready["data"])).stdout
    )
    assert document["authorization"]["auth_callout"]["issuer"].startswith("A")


async def _somebody(up: Up) -> str:
    """Whose this machine is, as soon as it was seen."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not (seen := (await told(up, "placements"))["placements"]):
            continue
    found: str = seen[0]["user_id"]
    return found
