"""Serving: it says where, it stops with open streams, and a taken port is one sentence."""

import asyncio
import os
import signal

import httpx
import pytest
from tests.integration.runtime_http.conftest import NamedCallers, component, now, served, streaming

from fogbank.runtime.http.app import create_app
from fogbank.runtime.http.serve import serve
from fogbank.runtime.ports import PortTaken, bound_socket


async def test_it_announces_where_it_answers() -> None:
    async with served() as url, httpx.AsyncClient(base_url=url) as client:
        assert url.startswith("http://127.0.0.1:")
        assert (await client.get("/health")).json() == {"ok": True}


async def test_an_open_event_stream_ends_when_the_process_stops() -> None:
    streaming.clear()
    async with httpx.AsyncClient(timeout=None) as client:
        async with served() as url:
            listening = asyncio.create_task(client.get(f"{url}/api/v1/things/stream/ticks"))
            await streaming.wait()
        assert (await listening).text == "data: first\n\ndata: bye\n\n"


async def test_a_signal_stops_it_and_leaves_the_process_alive() -> None:
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    app = create_app(title="Things", components=[component()], authenticator=NamedCallers(), clock=now)
    serving = asyncio.create_task(serve(app, on_ready=ready.set_result))
    await ready
    os.kill(os.getpid(), signal.SIGTERM)
    async with asyncio.timeout(10):
        await serving
    assert app.state.stopping.is_set()


async def test_a_socket_can_be_inherited() -> None:
    listener = bound_socket("127.0.0.1", 0)
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    app = create_app(title="Things", components=[component()], authenticator=NamedCallers(), clock=now)
    serving = asyncio.create_task(serve(app, fds=[listener.detach()], on_ready=ready.set_result))
    async with httpx.AsyncClient(base_url=await ready) as client:
        assert (await client.get("/health")).status_code == 200
    app.state.stopping.set()
    await serving


async def test_localhost_answers_on_both_addresses_that_browsers_take_for_it() -> None:
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    app = create_app(title="Things", components=[component()], authenticator=NamedCallers(), clock=now)
    serving = asyncio.create_task(serve(app, host="localhost", on_ready=ready.set_result))
    port = httpx.URL(await ready).port
    async with httpx.AsyncClient() as client:
        for host in ("127.0.0.1", "[::1]", "localhost"):
            assert (await client.get(f"http://{host}:{port}/health")).status_code == 200
    app.state.stopping.set()
    await serving


async def test_a_taken_port_is_said_in_one_sentence() -> None:
    with bound_socket("127.0.0.1", 0) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        app = create_app(title="Things", components=[], authenticator=NamedCallers(), clock=now)
        with pytest.raises(PortTaken, match=rf"^Port {port} on 127\.0\.0\.1 is already taken by .*\.$"):
            await serve(app, port=port)
