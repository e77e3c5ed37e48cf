"""The list of stolen passwords: asked by five digits only, by a real server; one that is away keeps nobody out."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from hashlib import sha1

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.clock import MovingClock

from fogbank.accounts.signing_in import breach_list
from fogbank.accounts.signing_in.breach_list import BreachList
from fogbank.accounts.signing_in.errors import WeakPassword
from fogbank.accounts.signing_in.new_passwords import NewPasswords
from fogbank.accounts.signing_in.passwords import Passwords, argon2id
from fogbank.accounts.signing_in.rules.weakness import Weakness
from fogbank.runtime.ports import LOOPBACK

STOLEN = "correct horse battery staple"
Respond = Callable[[str], Awaitable[bytes]]


def hashed(password: str) -> str:
    return sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


@asynccontextmanager
async def running_list(respond: Respond) -> AsyncIterator[tuple[str, list[str]]]:
    """A server that answers each range with what `respond` says; its URL, and the requests that it got."""
    requests: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = (await reader.readuntil(b"\r\n\r\n")).decode()
        requests.append(request)
        writer.write(await respond(request.split()[1].rpartition("/")[2]))
        writer.close()

    server = await asyncio.start_server(serve, LOOPBACK, 0)
    async with server:
        yield f"http://{LOOPBACK}:{server.sockets[0].getsockname()[1]}/range", requests


def answer(body: str, status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n{body}".encode()


async def knows_stolen(prefix: str) -> bytes:
    whole = hashed(STOLEN)
    assert prefix == whole[:5]
    return answer(f"{'0' * 35}:0\r\n{whole[5:]}:42\r\n{'F' * 35}:3\r\n")


async def test_a_stolen_password_is_known_and_only_five_digits_of_it_are_told() -> None:
    async with running_list(knows_stolen) as (url, requests), BreachList.open(url, MovingClock()) as known:
        assert await known.has(STOLEN)
        with pytest.raises(WeakPassword) as refused:
            await NewPasswords(Passwords(argon2id()), known).hashed(STOLEN, email="a@example.org", name="A")
        assert refused.value.weakness is Weakness.BREACHED
    assert all(hashed(STOLEN)[5:15] not in request for request in requests)
    assert all("add-padding: true" in request.lower() for request in requests)


async def test_another_password_of_the_same_range_is_not_and_made_up_ones_are_none() -> None:
    async def padded(_prefix: str) -> bytes:
        return answer(f"{hashed('another one entirely')[5:]}:0\r\n{'A' * 35}:12\r\n")

    async with running_list(padded) as (url, _), BreachList.open(url, MovingClock()) as known:
        assert not await known.has("another one entirely")


@pytest.mark.parametrize(
    "body",
    [
        answer("", "503 Service Unavailable"),
        answer("", "301 Moved Permanently"),
        answer("x" * (breach_list.ANSWER_BYTES_MAX + 1)),
        b"this is no HTTP\r\n\r\n",
        b"",
    ],
)
async def test_one_that_answers_otherwise_keeps_nobody_out_and_is_left_alone_for_a_minute(body: bytes) -> None:
    async def broken(_prefix: str) -> bytes:
        return body

    clock = MovingClock()
    async with running_list(broken) as (url, requests), BreachList.open(url, clock) as known:
        assert not await known.has(STOLEN)
        assert not await known.has(STOLEN)
        assert len(requests) == 1
        clock.forward(timedelta(minutes=1))
        assert not await known.has(STOLEN)
        assert len(requests) == 2


async def test_one_that_does_not_answer_in_time_is_waited_for_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(breach_list, "ANSWER_SECONDS", 0.05)
    never = asyncio.Event()

    async def hanging(_prefix: str) -> bytes:
        await never.wait()
        return b""

    async with running_list(hanging) as (url, _), BreachList.open(url, MovingClock()) as known:
        assert not await known.has(STOLEN)
        never.set()


async def test_a_list_that_is_off_is_never_asked() -> None:
    async with BreachList.open("", MovingClock()) as known:
        assert not await known.has(STOLEN)


@given(lines=st.lists(st.text(max_size=60), max_size=20))
async def test_whatever_it_says_no_line_breaks_us(lines: list[str]) -> None:
    body = "\n".join(lines).encode()

    async def strange(_prefix: str) -> bytes:
        return b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%s" % (len(body), body)

    async with running_list(strange) as (url, _), BreachList.open(url, MovingClock()) as known:
        assert not await known.has(STOLEN)
