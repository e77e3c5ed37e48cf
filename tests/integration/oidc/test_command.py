"""`fogbank issuers` adds, lists, changes and removes over HTTP, with the secret read from a pipe and never shown."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from tests.integration.oidc.conftest import World
from tests.integration.oidc.issuer import CLIENT_ID, CLIENT_SECRET
from typer.testing import CliRunner, Result

from fogbank.cli.commands.issuers import app
from fogbank.runtime.http.serve import serve
from fogbank.runtime.problems import Problem
from fogbank.runtime.supervisor.lock import held
from fogbank.runtime.supervisor.run_file import RunFile, write_run_file


@pytest_asyncio.fixture
async def running(world: World) -> AsyncIterator[World]:
    """The world, served on loopback by a system that says where it is."""
    url: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve(world.app, on_ready=url.set_result))
    try:
        with held(world.data):
            write_run_file(world.data, RunFile("https://fogbank.example", await url, "", "", "", "", {}))
            yield world
    finally:
        world.app.state.stopping.set()
        await serving
        world.app.state.stopping.clear()


async def run(world: World, *arguments: str, said: str = "") -> Result:
    """The command, in a thread of its own, since it runs a loop of its own."""
    return await asyncio.to_thread(CliRunner().invoke, app, [*arguments, "--data", str(world.data)], input=said)


async def test_issuers_are_added_listed_changed_and_removed(running: World) -> None:
    for known in await running.issuers.issuers():
        await running.issuers.remove(known.id, "between tests")
    running.provider.behave()
    options = ["--client-id", CLIENT_ID, "--secret", "-", "--domain", "example.org", "--admit", "--reason", "tests"]
    added = await run(running, "add", "Example", running.provider.url, *options, "--json", said=CLIENT_SECRET + "\n")
    assert added.exit_code == 0, added.output
    issuer = json.loads(added.stdout)
    assert (issuer["has_secret"], issuer["domains"], issuer["admits_unknown"]) == (True, ["example.org"], True)
    assert CLIENT_SECRET not in added.output
    listed = await run(running, "list")
    assert issuer["id"] in listed.output
    again = await run(running, "add", "Example", running.provider.url, "--client-id", CLIENT_ID)
    assert isinstance(again.exception, Problem)
    assert again.exception.kind == "issuer-taken"
    options = ["--secret", "-", "--no-admit", "--reason", "it ends", "--json"]
    changed = await run(running, "change", issuer["id"], *options, said="another secret\n")
    assert changed.exit_code == 0, changed.output
    assert json.loads(changed.stdout) == {**issuer, "admits_unknown": False}
    assert "another secret" not in changed.output
    assert (await run(running, "change", issuer["id"], "--reason", "nothing")).exit_code == 2
    removed = await run(running, "remove", issuer["id"], "--reason", "tests", "--json")
    assert json.loads(removed.stdout) == {"id": issuer["id"], "is_removed": True}
    assert json.loads((await run(running, "list", "--json")).stdout) == {"issuers": []}


@pytest.mark.parametrize("secret", ["shown-to-everybody", "x"])
async def test_a_secret_is_no_argument(world: World, secret: str) -> None:
    result = await run(world, "add", "Example", "https://a.example", "--client-id", "a", "--secret", secret)
    assert result.exit_code == 2
    assert "from a pipe" in result.output
