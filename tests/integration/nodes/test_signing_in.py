"""The queue lets in who holds a registered key, to do what that node may; who is revoked is cut off."""

import asyncio
import gc
import os
import signal
from base64 import b64decode
from contextlib import suppress

import msgspec
import nats
import psycopg
import pytest
from nats.aio.client import Client

from fogbank.compute.client.node_proofs import signature_of
from fogbank.compute.nodes.sign_in.cutting import OTHERS_SECONDS, Cutter, connections_of
from fogbank.compute.nodes.sign_in.desk import SignInDesk
from fogbank.events.batch import Batch
from fogbank.events.node_configuration import NodeConfiguration
from fogbank.queue.client import QueueClient, QueueUnavailable, usage_subject
from fogbank.runtime.clock import now_utc
from fogbank.runtime.embedded import NatsServer, running_nats, temporary_directory
from fogbank.runtime.embedded.nats_probe import accepts
from fogbank.runtime.queue_credentials import inbox_prefix
from fogbank.runtime.queue_keys import user_key, user_seed
from fogbank.runtime.queue_secrets import queue_secrets

from .conftest import ROOT, Key, World, new_key

STREAMS = ["USAGE", "NODES", "SIGNALS", "QUARANTINE"]


async def knock(server: NatsServer, key: Key) -> bool:
    """Whether the queue lets the holder of the key in; by its protocol, since the client tries again for ever."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        nonce = msgspec.json.decode((await reader.readline()).removeprefix(b"INFO "))["nonce"]
        shown = {"nkey": user_key(b64decode(key.public)), "sig": signature_of(nonce.encode(), key.seed)}
        hello = {**shown, "verbose": False, "pedantic": False, "protocol": 1}
        writer.write(b"CONNECT " + msgspec.json.encode(hello) + b"\r\nPING\r\n")
        return b"PONG" in await reader.readline()
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def quiet(_error: Exception) -> None:
    pass


async def told(world: World, node_id: str, revision: int) -> None:
    """Tell a node something, once the services have told it what they do by themselves."""
    while await world.queue.configuration_of(node_id) is None:  # noqa: ASYNC110 - the queue does not tell
        await asyncio.sleep(0.01)
    await world.queue.configure(node_id, NodeConfiguration(revision=revision))


async def test_a_node_sends_its_own_readings_and_reads_its_own_configuration(world: World, key: Key) -> None:
    node_id = await world.node(await world.person(), key=key)
    await told(world, node_id, revision=7)
    async with world.signed_in(node_id, key) as node:
        first = await node.publish(usage_subject(node_id), Batch(b"{}", {"Nats-Msg-Id": f"{node_id}:1"}))
        assert await node.publish(usage_subject(node_id), Batch(b"{}", {"Nats-Msg-Id": f"{node_id}:1"})) == first
        configuration = await node.configuration_of(node_id)
        assert configuration is not None
        assert configuration.revision == 7


async def test_a_node_says_nothing_in_anothers_name_and_reads_nothing_of_others(world: World, key: Key) -> None:
    node_id, other = await world.node(await world.person(), key=key), await world.node(await world.person())
    subjects = [
        usage_subject(other),
        f"{usage_subject(node_id)}.x",
        "signals.v1.anything",
        f"nodes.v1.{node_id}",
        "$JS.API.STREAM.DELETE.USAGE",
        "$JS.API.STREAM.MSG.GET.USAGE",
        f"$JS.API.DIRECT.GET.USAGE.{usage_subject(other)}",
        "$SYS.REQ.USER.AUTH",
    ]
    before = (await world.queue.connection.jetstream().stream_info("USAGE")).state.messages
    async with world.signed_in(node_id, key) as node:
        for subject in subjects:
            with pytest.raises(QueueUnavailable):
                await node.publish(subject, Batch(b"{}", {}), timeout_seconds=0.2)
        with pytest.raises(QueueUnavailable):
            await node.configuration_of(other, timeout_seconds=0.2)
        for subject in (f"{inbox_prefix(other)}.>", "_INBOX.>", "usage.v1.>", "$SYS.>", ">"):
            heard = await node.connection.subscribe(subject)
            await node.connection.flush()
            await world.queue.connection.publish(f"{inbox_prefix(other)}.1", b"not for you")
            await world.queue.publish(usage_subject(other), Batch(b"not for you", {}))
            await node.connection.flush()
            assert heard.pending_msgs == 0
    after = (await world.queue.connection.jetstream().stream_info("USAGE")).state.messages
    assert after == before + 5, "only what the services published is there"


async def test_a_node_has_no_answer_sent_to_where_it_may_not_publish(world: World, key: Key) -> None:
    """An answer is published by the server, which asks nobody: to delete a stream, an empty message is enough."""
    jetstream = world.queue.connection.jetstream()
    node_id, other = await world.node(await world.person(), key=key), await world.node(await world.person())
    await told(world, node_id, revision=8)
    await told(world, other, revision=9)
    before = [(await jetstream.stream_info(name)).state.last_seq for name in STREAMS]
    replies = [f"nodes.v1.{other}", usage_subject(other), "signals.v1.any", "$JS.API.STREAM.DELETE.SIGNALS"]
    async with world.signed_in(node_id, key) as node:
        for reply in replies:
            await node.connection.publish(f"$JS.API.DIRECT.GET.NODES.nodes.v1.{node_id}", reply=reply)
            await node.connection.publish(usage_subject(node_id), b"{}", reply=reply)
        # What the server was told before this, it has done when this is answered.
        assert await node.publish(usage_subject(node_id), Batch(b"{}", {})) == before[0] + len(replies) + 1
    assert [(await jetstream.stream_info(name)).state.last_seq for name in STREAMS[1:]] == before[1:]
    kept = await world.queue.configuration_of(other)
    assert kept is not None
    assert kept.revision == 9


async def test_a_key_that_nobody_registered_opens_nothing(world: World, key: Key) -> None:
    await world.node(await world.person(), key=key)
    assert await knock(world.server, key)
    assert not await knock(world.server, new_key())


async def test_nobody_signs_in_as_the_services_without_their_password(world: World) -> None:
    for user in ("services", "system", "somebody", ""):
        assert not await accepts(world.server.port, user, "guess")
    assert await accepts(world.server.port, world.server.user, world.server.password)


async def connected(world: World, node_id: str, key: Key) -> tuple[Client, asyncio.Event]:
    """A connection of a node that does not come again, and what is set when it is lost."""
    lost = asyncio.Event()

    async def note_loss() -> None:
        lost.set()

    connection = await nats.connect(
        world.server.url,
        nkeys_seed_str=user_seed(key.seed),
        inbox_prefix=inbox_prefix(node_id),
        allow_reconnect=False,
        error_cb=quiet,
        disconnected_cb=note_loss,
    )
    return connection, lost


async def test_who_is_connected_by_a_key_that_was_replaced_is_cut_off(world: World, key: Key) -> None:
    operator_id = await world.person()
    node_id, following = await world.node(operator_id, key=key), new_key()
    connection, lost = await connected(world, node_id, key)
    invited = await world.as_(ROOT).invite(operator_id, node_id=node_id, reason="its key leaked")
    await world.register(invited.token, node_id, following)
    async with asyncio.timeout(10):
        await lost.wait()
    assert not await knock(world.server, key)
    assert await knock(world.server, following)
    await connection.close()


async def test_a_revoked_node_is_cut_off_and_stays_outside(world: World, key: Key) -> None:
    node_id = await world.node(await world.person(), key=key)
    connection, lost = await connected(world, node_id, key)
    bystander_key = new_key()
    bystander_id = await world.node(await world.person(), key=bystander_key)
    async with world.signed_in(bystander_id, bystander_key) as bystander:
        seen = await world.as_(ROOT).revoke(node_id, "it was stolen")
        assert seen.revoke_reason == "it was stolen"
        async with asyncio.timeout(10):
            await lost.wait()
        assert not await knock(world.server, key)
        assert bystander.connection.stats["reconnects"] == 0
        await bystander.connection.flush()
    await connection.close()
    again = await world.as_(ROOT).revoke(node_id, "said twice")
    assert again == seen


# The client's library lets go of a connection that was refused without closing it.
@pytest.mark.filterwarnings("ignore:unclosed", "ignore::pytest.PytestUnraisableExceptionWarning")
async def test_who_knocks_while_nobody_answers_gets_in_once_somebody_does(world: World, key: Key) -> None:
    """As after the queue was away: agents may be back before the services are."""
    node_id = await world.node(await world.person(), key=key)
    assert world.server.process is not None
    async with world.signed_in(node_id, key) as node:
        lost = node.connection.stats["reconnects"]
        await world.server.stop()
        await world.server.start()
        async with asyncio.timeout(20):
            while node.connection.stats["reconnects"] == lost:  # noqa: ASYNC110 - the client tells nobody else
                await asyncio.sleep(0.05)
            assert await _published(node, node_id)
    gc.collect()  # What the library left open is found here, not in the midst of another test.


async def test_a_database_that_is_away_costs_one_sign_in_and_no_more(key: Key) -> None:
    answers = iter([psycopg.OperationalError("the database restarts"), None, "node-1"])

    async def whose(_public_key: str) -> str | None:
        answer = next(answers)
        if isinstance(answer, psycopg.OperationalError):
            raise answer
        return answer

    with temporary_directory() as directory:
        async with (
            running_nats(directory) as server,
            QueueClient.open(server.url, user=server.user, password=server.password) as queue,
        ):
            issuer_seed = queue_secrets(directory / "secrets").issuer_seed
            desk = SignInDesk(queue, whose, now_utc, issuer_seed)
            answering = asyncio.ensure_future(desk.answer_for_ever())
            await queue.connection.flush()
            assert [await knock(server, key) for _ in range(3)] == [False, False, True]
            answering.cancel()
            await asyncio.gather(answering, return_exceptions=True)


async def test_a_queue_that_is_slow_to_tell_its_connections_is_waited_for() -> None:
    """Else a node that was revoked stays connected, and nobody knows."""
    with temporary_directory() as directory:
        async with (
            running_nats(directory) as server,
            QueueClient.open(server.url, user=server.user, password=server.password) as queue,
        ):
            cutter = Cutter(server.url, queue_secrets(directory / "secrets").system_password)
            system = await cutter.connected()
            assert server.process is not None
            os.kill(server.process.pid, signal.SIGSTOP)
            asking = asyncio.ensure_future(connections_of(system, server.user))
            await asyncio.wait([asking], timeout=2 * OTHERS_SECONDS)
            os.kill(server.process.pid, signal.SIGCONT)
            [answer] = await asking
            assert [each.cid for each in answer.connections] == [queue.connection.client_id]
            await system.close()


async def _published(node: QueueClient, node_id: str) -> int:
    while True:
        try:
            return await node.publish(usage_subject(node_id), Batch(b"{}", {"Nats-Msg-Id": f"{node_id}:9"}))
        except QueueUnavailable:
            continue
