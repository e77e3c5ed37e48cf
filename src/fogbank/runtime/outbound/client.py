"""Sends to URLs of others: resolves once, checks every address, connects to what was checked, follows nothing.

Only the transport of httpx is used: redirects, cookies and proxies of the environment are the client's, which is not
here. No connection is kept: one made for a host must never carry a request for another at the same address.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from fogbank.kernel.networks import Address, Network
from fogbank.runtime.clock import MonotonicClock, monotonic_seconds
from fogbank.runtime.outbound.addresses import is_allowed
from fogbank.runtime.outbound.resolving import NameUnknown, Resolver
from fogbank.runtime.outbound.urls import Target

BODY_BYTES_MAX = 64 * 1024
ADDRESSES_TRIED = 3
NOT_KEPT = httpx.Limits(max_connections=None, max_keepalive_connections=0)


class OutboundFailure(Exception):
    """No answer; the message says why, in one sentence for whoever owns the URL."""


class NotReached(OutboundFailure):
    """Nobody was there: nothing was sent."""


class AddressRefused(OutboundFailure):
    """The host has an address that is not public: nothing was sent.

    The sentence does not name the address: what our own name servers know of our networks is nobody else's business.
    """

    def __init__(self, host: str, address: Address) -> None:
        super().__init__(f"{host} is not at a public address.")
        self.address = address


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `body` is at most 64 KiB of it, as it was sent; what else there was `is_cut`."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_cut: bool
    address: Address


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of whom."""

    method: str
    target: Target
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Outbound:
    """Asks hosts of others, within `deadline_seconds` in all and `connect_seconds` for each address."""

    resolve: Resolver
    transport: httpx.AsyncHTTPTransport
    private_networks: Collection[Network] = ()
    deadline_seconds: float = 15.0
    connect_seconds: float = 5.0
    monotonic: MonotonicClock = monotonic_seconds

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        resolve: Resolver,
        *,
        private_networks: Collection[Network] = (),
        tls: ssl.SSLContext | None = None,
        deadline_seconds: float = 15.0,
        connect_seconds: float = 5.0,
    ) -> AsyncIterator["Outbound"]:
        """A client with this machine's certificate authorities, or those of `tls`."""
        verify = tls or ssl.create_default_context()
        async with httpx.AsyncHTTPTransport(verify=verify, trust_env=False, limits=NOT_KEPT) as transport:
            yield cls(resolve, transport, private_networks, deadline_seconds, connect_seconds)

    async def post(self, target: Target, body: bytes, headers: Mapping[str, str]) -> Answer:
        """What `target` answers to `body`, whatever its status; `OutboundFailure` where it does not."""
        return await self._ask("POST", target, body, headers)

    async def get(self, target: Target, headers: Mapping[str, str]) -> Answer:
        """What is at `target`, whatever its status; `OutboundFailure` where it does not answer."""
        return await self._ask("GET", target, b"", headers)

    async def _ask(self, method: str, target: Target, body: bytes, headers: Mapping[str, str]) -> Answer:
        try:
            async with asyncio.timeout(self.deadline_seconds):
                return await self._ask_first(await self._addresses(target), Question(method, target, body, headers))
        except (TimeoutError, httpx.TimeoutException) as error:
            raise OutboundFailure(f"There was no whole answer within {self.deadline_seconds:g} seconds.") from error

    async def _addresses(self, target: Target) -> Sequence[Address]:
        """All addresses of the host, each of them one that we may connect to.

        A host with one private address among public ones is refused whole: no honest one has such a mixture.
        """
        try:
            addresses = await self.resolve(target.host, target.port)
        except NameUnknown as error:
            raise NotReached(f"The name {target.host} has no address.") from error
        if not addresses:
            raise NotReached(f"The name {target.host} has no address.")
        for address in addresses:
            if not is_allowed(address, self.private_networks):
                raise AddressRefused(target.host, address)
        return addresses

    async def _ask_first(self, addresses: Sequence[Address], question: Question) -> Answer:
        """The answer of the first address where somebody is."""
        authority = question.target.authority
        for address in addresses[:ADDRESSES_TRIED]:
            try:
                return await self._ask_at(address, question)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                refusal = error
            except (httpx.NetworkError, httpx.ProtocolError) as error:
                raise OutboundFailure(f"{authority} broke off: {_reason(error)}.") from error
        raise NotReached(f"{authority} cannot be reached: {_reason(refusal)}.") from refusal

    async def _ask_at(self, address: Address, question: Question) -> Answer:
        response = await self.transport.handle_async_request(self._request(address, question))
        try:
            received, is_cut = await _beginning(response)
            return Answer(response.status_code, response.headers, received, is_cut, address)
        finally:
            await response.aclose()

    def _request(self, address: Address, question: Question) -> httpx.Request:
        """A request that goes to `address`, and is for the target's host: by TLS as well as by its headers."""
        target = question.target
        host = f"[{address}]" if address.version == 6 else str(address)  # noqa: PLR2004
        fixed = {"host": target.authority, "accept-encoding": "identity", "connection": "close"}
        return httpx.Request(
            question.method,
            f"{target.scheme}://{host}:{target.port}{target.path}",
            content=question.body,
            headers={**question.headers, **fixed},
            extensions={
                "sni_hostname": target.host,
                "timeout": {
                    "connect": self.connect_seconds,
                    **dict.fromkeys(("read", "write", "pool"), self.deadline_seconds),
                },
            },
        )


async def _beginning(response: httpx.Response) -> tuple[bytes, bool]:
    """The first bytes of the body, not unpacked, and whether there were more."""
    received = bytearray()
    async for chunk in response.aiter_raw():
        received += chunk
        if len(received) > BODY_BYTES_MAX:
            return bytes(received[:BODY_BYTES_MAX]), True
    return bytes(received), False


def _reason(error: httpx.TransportError) -> str:
    return str(error).rstrip(".") or type(error).__name__
