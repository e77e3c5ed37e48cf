"""`fogbank agent` goes on as a process that has loaded nothing but what an agent needs."""

import subprocess
import sys
from pathlib import Path

from fogbank.cli.agent_handover import Handover, decode_handover, encode_handover, take_over, written
from fogbank.compute.agent.collectors.cgroups import CgroupTarget
from fogbank.compute.agent.model import Instance, Owner
from fogbank.compute.agent.running import AgentSettings

HEAVY = ("chdb", "cryptography", "fastapi", "httpx", "numpy", "psycopg", "pydantic", "rich", "typer", "uvicorn")


def test_everything_that_an_agent_is_told_is_handed_over(tmp_path: Path) -> None:
    settings = AgentSettings(
        node_id="node-1",
        spool_path=tmp_path / "spool.sqlite",
        queue_url="nats://127.0.0.1:4222",
        queue_password="a secret",
        host=Instance("host-1", "user_1", "org_1"),
        cgroups=(CgroupTarget("/machines/*", "vm:", "user_1", storage_paths=("/disks/{name}",)),),
        owner=Owner("user_1"),
        key_seed=bytes(range(32)),
        hook=tmp_path / "hook",
    )
    handover = Handover(settings, "info", "json", 7)
    assert decode_handover(encode_handover(handover)) == handover


def test_what_is_handed_over_may_be_longer_than_a_pipe_holds(tmp_path: Path) -> None:
    cgroups = tuple(
        CgroupTarget(f"/machines/a-machine-with-a-long-name-{each}", f"vm-{each}", "user_1") for each in range(2000)
    )
    handover = Handover(AgentSettings("node-1", tmp_path / "spool.sqlite", "", cgroups=cgroups), "info", "console")
    assert take_over(written(encode_handover(handover))) == handover


def test_an_agent_loads_nothing_that_it_does_not_need() -> None:
    loaded = (
        "import sys; from fogbank.cli.agent_process import NOT_LOADED; sys.modules.update(dict.fromkeys(NOT_LOADED)); "
        f"import fogbank.cli.agent_running; print([each for each in {HEAVY} if sys.modules.get(each)])"
    )
    said = subprocess.run([sys.executable, "-c", loaded], capture_output=True, check=True, text=True)
    assert said.stdout.strip() == "[]"
