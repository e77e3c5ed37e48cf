"""What nodes may say, in the real queue and store: what is admitted is billed to its owner, the rest is set aside.

And whoever reads the queue again, whatever became known since, judges as ingestion did: accepted is stored.
"""

import asyncio
import multiprocessing
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from tests.integration.mending.conftest import MendingWorld, opened_mending
from tests.integration.usage.conftest import MARCH, reading
from tests.unit.compute.recorded import SEED, RecordedNodes, placed

from fogbank.compute.client import Admission, NodeChangesView
from fogbank.events.batch import Batch, pack
from fogbank.events.signing import public_key_of, signed
from fogbank.kernel.periods import microseconds_of
from fogbank.queue.client import BatchTooLarge
from fogbank.queue.subjects import USAGE_MESSAGE_BYTES_MAX
from fogbank.runtime.clock import monotonic_seconds, now_utc
from fogbank.runtime.database import Database
from fogbank.runtime.figures import FIGURES
from fogbank.usage.client import UsageFigures
from fogbank.usage.ingesting.readers import PAYLOAD_BYTES_HERE_MAX
from fogbank.usage.mending.backfill.sending import Backfill

OWN_SEED = b"the installation's own, 32 bytes"
OTHER_SEED = b"somebody else's key of 32 bytes."
MINUTE = timedelta(minutes=1)


class NodesNow(RecordedNodes):
    """Recorded nodes whose clock is this machine's, as the queue's is."""

    async def changes(self, changed_since: int, limit: int) -> NodeChangesView:
        self.now = now_utc()
        return await RecordedNodes.changes(self, changed_since, limit)


@dataclass
class Admitting:
    """The world, and the nodes that its compute would tell of."""

    world: MendingWorld
    nodes: RecordedNodes

    async def send(self, node_id: str, *events: dict[str, Any], seed: bytes | None = SEED) -> int:
        batch = pack([msgspec.json.encode(event) for event in events], node_id, 0, 0)
        return await self.world.send_batch(signed(batch, seed) if seed else batch, node_id)

    async def figures(self) -> UsageFigures:
        await self.world.settled()
        return await self.world.client().figures()

    async def set_aside(self, node_id: str) -> list[tuple[str, str]]:
        """Of what the node sent and is in quarantine, the field and the reason."""
        await self.world.settled()
        return [(each.field, each.reason) for each in (await self.world.mending.quarantine(node_id=node_id)).entries]

    async def billed(self, instance_id: str, start: datetime) -> tuple[str, str | None]:
        stored = await self.world.mending.reading(instance_id, start)
        return stored.user_id, stored.org_id


@pytest_asyncio.fixture(scope="module")
async def admitting(database: Database) -> AsyncIterator[Admitting]:
    nodes = NodesNow()
    own_key = public_key_of(OWN_SEED)
    async with opened_mending(
        database, lambda data: Admission(nodes, data / "node-book" / "usage.sqlite", "open", own_key), OWN_SEED
    ) as world:
        yield Admitting(world, nodes)


def refused(why: str) -> float:
    return FIGURES.get_sample_value("fogbank_usage_not_admitted_total", {"why": why}) or 0.0


async def test_readings_go_to_the_owner_of_their_placement_and_others_are_set_aside(admitting: Admitting) -> None:
    admitting.nodes.register("n-owner", placed("o-1", "ann", "org_ann"), placed("o-2", "bob"))
    before = refused("unplaced")
    await admitting.send(
        "n-owner",
        reading("o-1", MARCH, user_id="eve", org_id="org_eve"),
        reading("o-9", MARCH, user_id="eve"),
        reading("o-2", MARCH, user_id="bob"),
    )
    assert await admitting.set_aside("n-owner") == [
        ("instance_id", "'o-9' was not placed on 'n-owner' at 2026-03-02T10:00:00Z")
    ]
    assert await admitting.billed("o-1", MARCH) == ("ann", "org_ann")
    assert await admitting.billed("o-2", MARCH) == ("bob", None)
    totals = await admitting.world.totals_when(
        lambda totals: any(each.account_id == "org_ann" for each in totals.totals)
    )
    assert not {"eve", "org_eve"} & {each.account_id for each in totals.totals}
    assert refused("unplaced") == before + 1


@pytest.mark.parametrize(
    ("seed", "said"),
    [
        (None, ("signature", "is missing, and a registered node signs what it sends")),
        (OTHER_SEED, ("signature", "is by a key that is none of 'n-{}'")),
    ],
)
async def test_a_registered_node_that_does_not_sign_is_set_aside_whole(
    admitting: Admitting, seed: bytes | None, said: tuple[str, str]
) -> None:
    name = f"n-{len(seed or b'')}"
    admitting.nodes.register(name, placed("s-1", "ann"))
    await admitting.send(name, reading("s-1", MARCH), reading("s-1", MARCH + MINUTE), seed=seed)
    assert await admitting.set_aside(name) == [(said[0], said[1].replace("n-{}", name))]


async def test_what_a_node_says_to_the_queue_itself_stops_nobody(admitting: Admitting) -> None:
    """Headers that the queue obeys, and a message as large as the queue takes: both must fit the quarantine as well."""
    admitting.nodes.register("n-sly", placed("sly-1", "ann"))
    orders = {"Nats-Expected-Stream": "USAGE", "Content-Type": "application/json"}
    await admitting.world.send_batch(Batch(b"{}", orders), "n-sly")
    with pytest.raises(BatchTooLarge):
        await admitting.world.send_batch(Batch(bytes(USAGE_MESSAGE_BYTES_MAX), {}), "n-sly")
    await admitting.world.send_batch(Batch(bytes(USAGE_MESSAGE_BYTES_MAX - 256), {}), "n-sly")
    assert [field for field, _ in await admitting.set_aside("n-sly")] == ["signature", "signature"]


@pytest.mark.parametrize(
    ("name", "headers"),
    [
        ("status", b"NATS/1.0 408 Timeout\r\nStatus: 408\r\n\r\n"),
        ("junk", b"junk\r\n\r\n"),
        ("bytes", b"NATS/1.0\r\nX: \xff\xfe\r\n: y\r\nno colon\r\n\r\n"),
    ],
)
async def test_headers_that_make_no_sense_stop_nobody(admitting: Admitting, name: str, headers: bytes) -> None:
    """The queue takes them as they are, and its library ends the connection over some, or takes them for its own."""
    admitting.nodes.register(f"n-{name}", placed("h-1", "ann"))
    server = admitting.world.server
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    await reader.readline()
    hello = {"user": server.user, "pass": server.password, "headers": True, "verbose": False, "protocol": 1}
    message = b"HPUB usage.v1.n-%b %d %d\r\n%b{}\r\n" % (name.encode(), len(headers), len(headers) + 2, headers)
    writer.write(b"CONNECT " + msgspec.json.encode(hello) + b"\r\n" + message + b"PING\r\n")
    assert b"PONG" in await reader.readline()
    writer.close()
    await writer.wait_closed()
    assert [field for field, _ in await admitting.set_aside(f"n-{name}")] == ["signature"]


async def test_a_revoked_node_is_heard_no_more_and_what_it_said_before_stays(admitting: Admitting) -> None:
    admitting.nodes.register("n-gone", placed("g-1", "ann"))
    await admitting.send("n-gone", reading("g-1", MARCH, user_id="ann"))
    await admitting.world.settled()
    admitting.nodes.revoke("n-gone", now_utc())
    await admitting.send("n-gone", reading("g-1", MARCH + MINUTE, user_id="ann"))
    [(field, reason)] = await admitting.set_aside("n-gone")
    assert field == "node"
    assert reason.startswith("'n-gone' was revoked at ")
    assert await admitting.billed("g-1", MARCH) == ("ann", None)


async def test_nodes_that_nobody_registered_and_nodes_that_place_themselves_are_taken_as_they_say(
    admitting: Admitting,
) -> None:
    admitting.nodes.register("n-self", is_self_placing=True)
    await admitting.send("n-self", reading("self-1", MARCH, user_id="ann"))
    await admitting.send("n-nobody", reading("nobody-1", MARCH, user_id="bob"), seed=None)
    await admitting.world.settled()
    assert await admitting.billed("self-1", MARCH) == ("ann", None)
    assert await admitting.billed("nobody-1", MARCH) == ("bob", None)


async def test_what_an_administrator_sends_again_needs_no_placement(admitting: Admitting) -> None:
    admitting.nodes.register("n-again")
    await admitting.send("n-again", reading("a-1", MARCH, user_id="ann"))
    assert len(await admitting.set_aside("n-again")) == 1
    [entry] = (await admitting.world.mending.quarantine(node_id="n-again")).entries
    await admitting.world.mending.replay_entry(entry.id, reason="It was there; the placement came too late.")
    await admitting.world.settled()
    assert await admitting.billed("a-1", MARCH) == ("ann", None)


async def test_what_is_backfilled_in_the_name_of_a_node_needs_no_placement(
    admitting: Admitting, tmp_path: Path
) -> None:
    admitting.nodes.register("n-files")
    file = tmp_path / "march.ndjson"
    file.write_bytes(msgspec.json.encode(reading("b-1", MARCH, user_id="ann")))
    now_us = microseconds_of(now_utc())
    for seed, after in ((OTHER_SEED, 1), (OWN_SEED, 0)):
        sending = Backfill(
            admitting.world.queue,
            "n-files",
            tmp_path / f"{after}",
            now_us,
            monotonic_seconds,
            lambda _: None,
            seed=seed,
        )
        await sending.send(file)
        file.write_bytes(file.read_bytes() + b"\n")  # The same file again would be the same message.
    assert [field for field, _ in await admitting.set_aside("n-files")] == ["signature"]
    assert await admitting.billed("b-1", MARCH) == ("ann", None)


async def test_the_audit_judges_as_ingestion_did_whatever_became_known_since(admitting: Admitting) -> None:
    nodes = admitting.nodes
    nodes.register("n-audit", placed("u-1", "ann", "org_ann"), placed("u-2", "bob"))
    nodes.register("n-audit-gone", placed("u-3", "ann"))
    nodes.revoke("n-audit-gone", now_utc())
    before = await admitting.figures()
    await admitting.send("n-audit", reading("u-1", MARCH, user_id="eve"), reading("u-9", MARCH))
    await admitting.send("n-audit", reading("u-2", MARCH), seed=OTHER_SEED)
    await admitting.send("n-audit-gone", reading("u-3", MARCH))
    await admitting.send("n-audit-nobody", reading("u-4", MARCH), seed=None)
    await admitting.send("n-audit-late", reading("u-5", MARCH), seed=None)
    after = await admitting.figures()
    assert after.accepted_events == before.accepted_events + 3
    assert after.accepted_stored == after.accepted_events == after.stored_events
    # Whatever is written down now, what came before is judged as before.
    now = now_utc()
    nodes.place("n-audit", placed("u-9", "eve", recorded_at=now))
    nodes.register("n-audit-late", at=now)
    nodes.register("n-audit-nobody", placed("u-4", "carl"), at=now)
    nodes.revoke("n-audit", now)
    await admitting.send("n-audit-news", reading("u-6", MARCH), seed=None)
    again = await admitting.figures()
    assert again.accepted_stored == again.accepted_events == again.stored_events == after.stored_events + 1


async def test_a_replay_of_the_queue_bills_the_same_owners(admitting: Admitting) -> None:
    admitting.nodes.register("n-replay", placed("r-1", "ann"))
    sequence = await admitting.send("n-replay", reading("r-1", MARCH, user_id="eve"))
    await admitting.world.settled()
    bounds = {"from_sequence": sequence, "until_sequence": sequence}
    replay = await admitting.world.mending.begin_replay(bounds, reason="To see.", key="admission")
    done = await admitting.world.replayed(replay.id)
    assert (done.events, done.wrong) == (1, 0)
    assert await admitting.billed("r-1", MARCH) == ("ann", None)


async def test_the_same_message_again_from_an_owner_in_conflict_is_none(admitting: Admitting) -> None:
    """Two claims that are billed to one owner say the same."""
    admitting.nodes.register("n-same", placed("c-1", "ann"))
    await admitting.send("n-same", reading("c-1", MARCH, user_id="eve"))
    await admitting.send("n-same", reading("c-1", MARCH, user_id="mallory"))
    await admitting.world.settled()
    assert await admitting.billed("c-1", MARCH) == ("ann", None)
    assert (await admitting.world.mending.conflicts(instance_id="c-1")).conflicts == []


async def test_large_batches_are_judged_in_processes_of_their_own(admitting: Admitting) -> None:
    ids = [f"l-{number:05d}" for number in range(9_000)]
    admitting.nodes.register("n-large", *(placed(instance_id, "ann", "org_large") for instance_id in ids))
    before = await admitting.figures()
    batches = [_large(ids, MARCH + tick * MINUTE) for tick in range(4)]
    assert sum(len(batch.payload) for batch in batches) > PAYLOAD_BYTES_HERE_MAX
    await asyncio.gather(*(admitting.world.send_batch(batch, "n-large") for batch in batches))
    after = await admitting.figures()
    assert multiprocessing.active_children(), "they were read in another process"
    assert after.stored_events == before.stored_events + 4 * len(ids)
    assert after.accepted_stored == after.accepted_events
    assert await admitting.set_aside("n-large") == []
    assert await admitting.billed("l-00007", MARCH) == ("ann", "org_large")


def _large(ids: Sequence[str], at: datetime) -> Batch:
    names = ("cpu_seconds", "cpu_percent_avg", "memory_gb", "storage_gb", "network_egress_mb", "network_ingress_mb")
    events = [
        reading(instance_id, at, user_id="eve", metrics={name: sqrt(number + len(name)) for name in names})
        for number, instance_id in enumerate(ids)
    ]
    return signed(pack([msgspec.json.encode(event) for event in events], "n-large", 0, 0), SEED)


async def test_while_compute_is_away_messages_wait_and_nothing_is_lost(admitting: Admitting) -> None:
    admitting.nodes.register("n-away", placed("w-1", "ann"))
    admitting.nodes.is_away = True
    try:
        await admitting.send("n-away", reading("w-1", MARCH, user_id="ann"))
        await admitting.world.health_is(ok=False)
        assert "until compute tells" in admitting.world.component.health.detail
    finally:
        admitting.nodes.is_away = False
    await admitting.world.settled()
    assert await admitting.billed("w-1", MARCH) == ("ann", None)
    await admitting.world.health_is(ok=True)
