"""We reach what was checked and nothing else: no second look at names, no redirects, no end that never comes."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.integration.webhooks.receiver import Receiver, breaking_off, dripping, endless, hanging, receiving, status

from fogbank.kernel.networks import Address, Network, networks_of
from fogbank.runtime.outbound.client import (
    BODY_BYTES_MAX,
    AddressRefused,
    NotReached,
    Outbound,
    OutboundFailure,
)
from fogbank.runtime.outbound.resolving import NameUnknown, SystemResolver
from fogbank.runtime.outbound.urls import Target, target_of

LOOPBACK = networks_of(["127.0.0.0/8"])
BODY = b'{"type":"test"}'


@dataclass
class Names:
    """A resolver that says what it is told to, each time the next thing, and counts how often it was asked."""

    answers: list[list[str]]
    asked: list[str] = field(default_factory=list)

    async def __call__(self, host: str, _port: int) -> Sequence[Address]:
        self.asked.append(host)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [ip_address(text) for text in answer]


@asynccontextmanager
async def outbound(
    *answers: list[str],
    networks: Sequence[Network] = LOOPBACK,
    tls: ssl.SSLContext | None = None,
    deadline_seconds: float = 15.0,
) -> AsyncIterator[tuple[Outbound, Names]]:
    names = Names(list(answers) or [["127.0.0.1"]])
    opening = Outbound.open(
        names, private_networks=networks, tls=tls, deadline_seconds=deadline_seconds, connect_seconds=1.0
    )
    async with opening as client:
        yield client, names


def target(receiver: Receiver, path: str, host: str = "hooks.example.com") -> Target:
    return target_of(receiver.url(path, host), allow_http=True)


async def test_a_post_arrives_whole_under_the_name_that_was_meant() -> None:
    async with receiving() as receiver, outbound() as (client, names):
        receiver.at("/hook?a=1", status(200, b"thanks", x_kind="good"))
        answer = await client.post(target(receiver, "/hook?a=1"), BODY, {"webhook-id": "msg_1"})
    [request] = receiver.received
    assert (request.method, request.path, request.body) == ("POST", "/hook?a=1", BODY)
    assert request.headers["host"] == f"hooks.example.com:{receiver.port}"
    assert request.headers["webhook-id"] == "msg_1"
    assert "cookie" not in request.headers
    assert (answer.status, answer.body, answer.is_cut, answer.headers["x-kind"]) == (200, b"thanks", False, "good")
    assert names.asked == ["hooks.example.com"]


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1",
        "10.0.0.1",
        "169.254.169.254",
        "224.0.0.1",
        "0.0.0.0",
        "::1",
        "::",
        "::ffff:127.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::7f00:1",
        "2002:7f00:1::",
        "2001::1",
        "fe80::1",
        "fc00::1",
        "2a00:1450::5efe:7f00:1",
    ],
)
async def test_a_name_at_an_address_that_is_not_public_is_refused_before_anything_is_sent(text: str) -> None:
    async with receiving() as receiver, outbound([text], networks=()) as (client, _):
        with pytest.raises(AddressRefused, match="is not at a public address"):
            await client.post(target(receiver, "/hook"), BODY, {})
    assert receiver.connections == 0


async def test_one_private_address_among_public_ones_is_enough_to_refuse_them_all() -> None:
    async with outbound(["1.1.1.1", "127.0.0.1"], networks=()) as (client, _):
        with pytest.raises(AddressRefused, match=r"^both\.example is not at a public address\.$"):
            await client.post(target_of("https://both.example/"), BODY, {})


async def test_a_name_that_changes_its_mind_is_never_asked_a_second_time() -> None:
    # First the address of the receiver, then one where connecting would fail: only the first can answer.
    async with receiving() as receiver, outbound(["127.0.0.1"], ["240.0.0.1"]) as (client, names):
        answer = await client.post(target(receiver, "/hook"), BODY, {})
        assert answer.status == 204
        assert names.asked == ["hooks.example.com"]
        with pytest.raises(AddressRefused):
            await client.post(target(receiver, "/hook"), BODY, {})
    assert len(receiver.received) == 1


async def test_a_second_address_is_tried_where_nobody_is_at_the_first() -> None:
    async with receiving() as receiver, outbound(["127.0.0.2", "127.0.0.1"]) as (client, _):
        answer = await client.post(target(receiver, "/hook"), BODY, {})
    assert str(answer.address) == "127.0.0.1"


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
async def test_a_redirect_is_an_answer_and_is_not_followed(code: int) -> None:
    async with receiving() as elsewhere, receiving() as receiver, outbound() as (client, _):
        receiver.at("/hook", status(code, location=elsewhere.url("/private")))
        answer = await client.post(target(receiver, "/hook"), BODY, {})
    assert answer.status == code
    assert elsewhere.connections == 0


async def test_who_hangs_or_drips_is_left_at_the_deadline() -> None:
    let_go = asyncio.Event()
    async with receiving() as receiver, outbound(deadline_seconds=0.3) as (client, _):
        receiver.at("/hang", hanging(let_go))
        receiver.at("/drip", dripping)
        for path in ("/hang", "/drip"):
            with pytest.raises(OutboundFailure, match=r"no whole answer within 0\.3 seconds"):
                await client.post(target(receiver, path), BODY, {})
        let_go.set()


async def test_a_slow_name_server_is_part_of_the_deadline() -> None:
    async def never(_host: str, _port: int) -> Sequence[Address]:
        await asyncio.Event().wait()
        return []

    async with Outbound.open(never, deadline_seconds=0.1) as client:
        with pytest.raises(OutboundFailure, match="no whole answer"):
            await client.post(target_of("https://slow.example/"), BODY, {})


async def test_of_an_endless_answer_64_kib_are_read() -> None:
    async with receiving() as receiver, outbound() as (client, _):
        receiver.at("/hook", endless)
        answer = await client.post(target(receiver, "/hook"), BODY, {})
    assert (len(answer.body), answer.is_cut) == (BODY_BYTES_MAX, True)


async def test_nobody_there_a_name_without_an_address_and_one_that_breaks_off_are_told_apart() -> None:
    async with receiving() as receiver, outbound() as (client, names):
        receiver.at("/hook", breaking_off)
        with pytest.raises(OutboundFailure, match="broke off"):
            await client.post(target(receiver, "/hook"), BODY, {})
        names.answers = [[]]
        with pytest.raises(NotReached, match=r"The name hooks\.example\.com has no address\."):
            await client.post(target(receiver, "/hook"), BODY, {})
        names.answers = [["127.0.0.2"]]
        with pytest.raises(NotReached, match="cannot be reached"):
            await client.post(target(receiver, "/hook"), BODY, {})


async def test_cookies_are_not_kept_and_proxies_of_the_environment_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiving() as proxy, receiving() as receiver:
        monkeypatch.setenv("HTTP_PROXY", proxy.url(""))
        monkeypatch.setenv("ALL_PROXY", proxy.url(""))
        async with outbound() as (client, _):
            receiver.at("/hook", status(200, set_cookie="a=1; Path=/"))
            for _ in range(2):
                await client.post(target(receiver, "/hook"), BODY, {})
    assert proxy.connections == 0
    assert [request.headers.get("cookie") for request in receiver.received] == [None, None]
    assert receiver.connections == 2


async def test_the_systems_resolver_knows_this_machine_and_says_what_it_does_not_know() -> None:
    resolver = SystemResolver()
    try:
        assert ip_address("127.0.0.1") in await resolver("localhost", 80)
        assert await resolver("::1", 80) == [ip_address("::1")]
        with pytest.raises(NameUnknown):
            await resolver("nobody.invalid", 80)
    finally:
        resolver.close()


def certificate_for(name: str, directory: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's side with a certificate for `name`, and a client's side that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (directory / "server.pem").write_bytes(private + pem)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(directory / "server.pem")
    return server, ssl.create_default_context(cadata=pem.decode())


async def test_the_certificate_is_checked_for_the_name_though_we_connect_to_the_address(tmp_path: Path) -> None:
    server, trusting = certificate_for("hooks.example.com", tmp_path)
    asked_for: list[str | None] = []
    server.sni_callback = lambda _socket, name, _context: asked_for.append(name)
    async with receiving(server) as receiver, outbound(tls=trusting) as (client, _):
        answer = await client.post(target_of(f"https://hooks.example.com:{receiver.port}/hook"), BODY, {})
        assert answer.status == 204
        with pytest.raises(NotReached, match="certificate"):
            await client.post(target_of(f"https://other.example.com:{receiver.port}/hook"), BODY, {})
    assert asked_for == ["hooks.example.com", "other.example.com"]
    assert len(receiver.received) == 1
