"""`fogbank up`, as its user meets it: a real process, real servers, kills and all."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import psutil
import pytest
import pytest_asyncio
from tests.e2e.starting import Up, fogbank, running_up
from tests.tools import needs_root

from fogbank.runtime.embedded import temporary_directory
from fogbank.runtime.ports import free_port

CHILDREN = {"postgres", "nats", "usage", "services", "agent"}


def processes_of(data_dir: Path) -> list[str]:
    """Every living process that has the data directory on its command line."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() != psutil.STATUS_ZOMBIE and any(str(data_dir) in each for each in process.cmdline()):
                found.append(" ".join(process.cmdline()))
        except psutil.Error:
            continue
    return found


@pytest.fixture
def data_dir() -> Iterator[Path]:
    with temporary_directory() as directory:
        yield directory


@pytest_asyncio.fixture(scope="module")
async def up() -> AsyncIterator[Up]:
    """A system that the tests of a running one share."""
    with temporary_directory() as directory:
        async with running_up(directory) as up:
            yield up


async def test_up_serves_one_origin(up: Up) -> None:
    assert set(up.ready["pids"]) == CHILDREN
    async with httpx.AsyncClient(base_url=up.ready["url"]) as http:
        assert (await http.get("/health")).json() == {"ok": True}
        assert (await http.get("/", follow_redirects=True)).status_code == 200
        # The usage process answers through the same origin: it is asked, and asks back who we are.
        assert (await http.get("/api/v1/usage/instances/any/history")).status_code == 401


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
async def test_people_sign_in_by_every_name_of_this_machine(up: Up, host: str) -> None:
    url = f"http://{host}:{httpx.URL(up.ready['url']).port}"
    typed = {"email": up.ready["email"], "password": up.ready["password"]}
    async with httpx.AsyncClient(base_url=url, headers={"origin": url}) as http:
        entered = await http.post("/sign-in", data=typed)
        assert (entered.status_code, entered.headers["location"]) == (303, "/usage")
        assert (await http.get("/usage")).status_code == 200


async def test_passkeys_are_made_at_the_printed_url(up: Up) -> None:
    typed = {"email": up.ready["email"], "password": up.ready["password"]}
    async with httpx.AsyncClient(base_url=f"{up.ready['url']}/api/v1") as http:
        session = (await http.post("/auth/sessions", json=typed)).json()
        grant = {"grant_type": "session", "session_token": session["session_token"]}
        token = (await http.post("/auth/token", json=grant)).json()
        bearer = {"authorization": f"Bearer {token['access_token']}"}
        factors = (await http.get("/users/me/second-factors", headers=bearer)).json()
        assert factors["passkeys_at"] == up.ready["url"]


async def test_a_second_up_in_the_same_directory_is_refused_in_one_sentence(up: Up) -> None:
    data = up.ready["data"]
    second = await asyncio.to_thread(fogbank, "up", "--data", data, "--port", str(free_port()))
    assert second.returncode == 1
    assert second.stderr == (
        f"fogbank: Fogbank is already running in {data} by process {up.process.pid}; "
        "stop it first, or set FOGBANK_DATA.\n"
    )


async def test_a_killed_child_is_restarted_and_its_port_stays(up: Up) -> None:
    async with httpx.AsyncClient(base_url=up.ready["url"], timeout=60) as http:
        for child, name in {
            "agent": "This machine's agent",
            "services": "Accounts, billing, portal",
            "usage": "Usage",
            "nats": "NATS JetStream",
            "postgres": "PostgreSQL",
        }.items():
            os.kill(up.ready["pids"][child], signal.SIGKILL)
            assert name in await up.says("killed by signal 9")
            assert name in await up.says("is back")
        assert (await http.get("/api/v1/usage/instances/any/history")).status_code == 401


async def test_after_a_killed_supervisor_the_next_up_starts_and_drains_without_a_trace(data_dir: Path) -> None:
    async with running_up(data_dir) as killed:
        killed.process.kill()
        await killed.ends()
    async with running_up(data_dir) as again:
        assert set(again.ready["pids"]) == CHILDREN
        assert len(processes_of(data_dir)) >= 1 + len(CHILDREN)
        again.process.send_signal(signal.SIGTERM)
        assert await again.ends() == 0
    assert processes_of(data_dir) == []


def test_a_wrong_setting_is_named_before_anything_starts(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    ended = fogbank("up", FOGBANK_DATA=str(data_dir), FOGBANK_HTTP_PORT="http")
    assert ended.returncode == 2
    assert ended.stderr == "fogbank: http.port is 'http' (from FOGBANK_HTTP_PORT) and must be a whole number.\n"
    assert not data_dir.exists()


def test_a_data_directory_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "data").symlink_to(tmp_path / "nowhere" / "data")
    ended = fogbank("up", "--data", str(tmp_path / "data"))
    assert ended.returncode == 1
    assert ended.stderr == (
        f"fogbank: The data directory {tmp_path}/data cannot be made: file exists; "
        "name another one with --data or FOGBANK_DATA.\n"
    )


def test_a_taken_port_is_said_with_its_owner(data_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        ended = fogbank("up", "--data", str(data_dir), "--port", str(port))
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"fogbank: Port {port} on 127.0.0.1 is already taken by process {os.getpid()}")
    assert processes_of(data_dir) == []


@pytest.mark.root
def test_a_directory_that_the_database_cannot_enter_is_said(tmp_path: Path) -> None:
    needs_root()
    tmp_path.chmod(0o700)
    ended = fogbank("up", "--data", str(tmp_path / "data"), "--port", str(free_port()))
    assert ended.returncode == 1
    assert "fogbank: PostgreSQL runs as user '" in ended.stderr
    assert "who may not enter" in ended.stderr


def test_secrets_never_print(tmp_path: Path) -> None:
    settings = {"FOGBANK_DATA": str(tmp_path), "FOGBANK_QUEUE_PASSWORD": "hunter2"}
    for arguments in (["config"], ["config", "--json"]):
        shown = fogbank(*arguments, **settings)
        assert shown.returncode == 0
        assert "queue.password" in shown.stdout
        assert "hunter2" not in shown.stdout + shown.stderr


def test_the_version_is_told_either_way() -> None:
    asked, ran = fogbank("--version"), fogbank("version")
    assert (asked.returncode, asked.stdout) == (0, ran.stdout)
    assert asked.stdout.startswith("fogbank ")


def test_an_unknown_command_is_one_sentence_and_exit_code_2() -> None:
    ended = fogbank("upp")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("fogbank: No such command 'upp'")
    assert ended.stderr.count("\n") == 1
