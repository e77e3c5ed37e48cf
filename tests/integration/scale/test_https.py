"""Over `https` the store's password is not sent in the clear, whatever the port."""

import asyncio

import pytest
from clickhouse_connect.driver.exceptions import OperationalError

from fogbank.runtime.ports import LOOPBACK
from fogbank.usage.store.engine import handle_at

TLS_HANDSHAKE = b"\x16"


async def test_an_https_store_is_spoken_to_in_tls() -> None:
    first_bytes: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first_bytes.append(await reader.read(1))
        writer.close()

    async with await asyncio.start_server(listen, LOOPBACK, 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(OperationalError):
            await asyncio.to_thread(handle_at, f"https://usage:secret@{LOOPBACK}:{port}", "")
    assert set(first_bytes) == {TLS_HANDSHAKE}
