"""What becomes of accounts is told on the queue: each change once, in its order, through a crash."""

import msgspec
from tests.integration.accounts.conftest import World
from tests.integration.accounts.teams import REASON, asks, team

from fogbank.accounts.organizations.standing.telling import Teller
from fogbank.events.signals import Signal
from fogbank.queue.client import QueueClient
from fogbank.queue.subjects import SIGNALS_STREAM
from fogbank.runtime.embedded import NatsServer


async def test_each_change_is_told_once_and_in_its_order(world: World, nats: NatsServer) -> None:
    org_id, _ = await team(world)
    administrator = await world.person(is_administrator=True)
    async with QueueClient.open(nats.url, user=nats.user, password=nats.password) as queue:
        await queue.ensure_streams()
        teller = Teller(world.database, queue, world.clock)
        await teller.send()
        jetstream = queue.connection.jetstream()
        before = (await jetstream.stream_info(SIGNALS_STREAM)).state.last_seq
        for verb in ("suspend", "restore", "close"):
            body: dict[str, str] | None = {} if verb == "close" else None
            answer = await asks(world, administrator, "POST", f"/accounts/{org_id}/{verb}", body, **REASON)
            assert answer.status_code == 200, answer.text
        assert await teller.send() == 3
        assert await teller.send() == 0
        last = (await jetstream.stream_info(SIGNALS_STREAM)).state.last_seq
        raw = [await jetstream.get_msg(SIGNALS_STREAM, number) for number in range(before + 1, last + 1)]
    signals = [msgspec.json.decode(each.data or b"", type=Signal) for each in raw]
    assert [signal.type for signal in signals] == ["account.suspended", "account.restored", "account.closed"]
    assert {(signal.account_id, signal.data["kind"]) for signal in signals} == {(org_id, "organization")}
    assert len({signal.id for signal in signals}) == 3
