"""Checking: each crossing is told once, through restarts and outages, and nobody is flooded."""

from collections import Counter

from tests.integration.thresholds.conftest import NOW, PUBLISHED, World

from fogbank.compute.thresholds.checking import WHOLE_INTERVALS
from fogbank.compute.thresholds.tidying import Tidier
from fogbank.events.signals import SignalType

OWN = {"user_id": "user_ann"}
FULL_MEMORY = {
    "user_id": None,
    "instance_id": "vm-1",
    "resource_type": "memory",
    "threshold_type": "percentage",
    "threshold_value": 90,
    "units": "%",
}
VIOLATED, CLEARED = SignalType.THRESHOLD_VIOLATED, SignalType.THRESHOLD_CLEARED


async def test_a_crossing_is_told_once_and_with_all_that_was_agreed(world: World) -> None:
    made = await world.set("ann", **OWN)
    world.report("vm-1", storage_gb=300)
    assert await world.check() == 0
    world.clock.forward(seconds=30)
    world.report("vm-1", storage_gb=300)
    world.report("vm-2", storage_gb=212.5)
    assert [await world.check() for _ in range(3)] == [1, 0, 0]
    (signal,) = await world.signals()
    assert (signal.type, signal.account_id) == (VIOLATED, "user_ann")
    assert signal.data == {
        "threshold_id": made.id,
        "resource_type": "storage",
        "threshold_type": "absolute",
        "threshold_value": "500",
        "units": "GB",
        "action": "notify",
        "value": "512.5",
        "user_id": "user_ann",
        "org_id": "",
        "instance_id": "",
        "node_id": "",
        "notification_channels": "email,api_callback",
        "at": world.clock.now.isoformat(),
        "more": "0",
    }
    (firing,) = (await world.client("ann").firing()).firing
    assert (firing.threshold_id, firing.since, firing.value) == (made.id, world.clock.now, "512.5")
    assert (await world.client("bob").firing()).firing == []


async def test_a_restart_does_not_fire_again_and_clears_what_it_finds_cleared(world: World) -> None:
    await world.set("ann", **OWN, cooling_seconds=0)
    world.report("vm-1", storage_gb=600)
    await world.check()
    world.restarted()
    assert await world.check() == 0
    world.clock.forward(seconds=30)
    world.report("vm-1", storage_gb=100)
    assert await world.check() == 0, "the picture may not be whole yet: another node may hold the rest"
    world.clock.forward(seconds=30 * WHOLE_INTERVALS)
    world.report("vm-1", storage_gb=100)
    assert await world.check() == 1
    assert [each.type for each in await world.signals()] == [VIOLATED, CLEARED]
    assert (await world.client("ann").firing()).firing == []


async def test_what_was_written_before_a_crash_is_sent_after_it(world: World) -> None:
    await world.set("ann", **OWN)
    world.report("vm-1", storage_gb=600)
    await world.check()
    world.restarted()
    assert len(await world.signals()) == 1
    assert await world.send() == 0
    async with world.database.connection() as connection:
        await connection.execute("UPDATE compute.threshold_signals SET sent_at = NULL")
    assert len(await world.signals()) == 1, "sent again after a crash between sending and noting it, it is the same"


async def test_a_stale_reading_neither_fires_nor_clears(world: World) -> None:
    world.report("vm-1", memory_percent=99)
    await world.set("ann", **FULL_MEMORY)
    world.clock.forward(seconds=120)
    assert await world.check() == 0
    world.report("vm-1", memory_percent=99)
    assert await world.check() == 1
    world.clock.forward(seconds=30)
    world.report("vm-1", memory_percent=10)
    world.clock.forward(seconds=120)
    assert await world.check() == 0
    world.report("vm-1", memory_percent=10)
    assert await world.check() == 1


async def test_a_silent_instance_keeps_a_sum_from_clearing_for_an_hour(world: World) -> None:
    await world.set("ann", **OWN)
    await world.check()
    world.clock.forward(minutes=5)
    world.report("vm-1", storage_gb=400)
    world.report("vm-2", storage_gb=200)
    assert await world.check() == 1
    world.clock.forward(minutes=59)
    world.report("vm-1", storage_gb=400)
    assert await world.check() == 0
    world.clock.forward(minutes=2)
    world.report("vm-1", storage_gb=400)
    assert await world.check() == 1


async def test_everybody_is_every_account_by_itself_and_for_percentages_every_instance(world: World) -> None:
    by_account = await world.set(user_id="*", threshold_value=100)
    by_instance = await world.set(
        user_id="*", resource_type="cpu", threshold_type="percentage", threshold_value=90, units="%"
    )
    world.report("vm-1", "user_ann", storage_gb=60, cpu_percent_avg=95)
    world.report("vm-2", "user_ann", storage_gb=60, cpu_percent_avg=5)
    world.report("vm-3", "user_ann", "org_fog", storage_gb=60)
    world.report("vm-4", "user_bob", "org_fog", storage_gb=39, cpu_percent_avg=90)
    assert await world.check() == 3
    told = {
        (each.data["threshold_id"], each.account_id, each.data["instance_id"], each.data["node_id"])
        for each in await world.signals()
    }
    assert told == {
        (by_account.id, "user_ann", "", ""),
        (by_instance.id, "user_ann", "vm-1", "node-1"),
        (by_instance.id, "org_fog", "vm-4", "node-1"),
    }
    assert {each.account_id for each in (await world.client("bob").firing()).firing} == set()
    assert {each.account_id for each in (await world.client("ann").firing()).firing} == {"user_ann", "org_fog"}


async def test_money_is_asked_for_in_one_question_and_seldom(world: World) -> None:
    balance = {"resource_type": "balance", "units": "credits", "threshold_value": 20}
    await world.set("ann", **OWN, **balance)
    await world.set("ann", user_id=None, org_id="org_fog", resource_type="runway", units="days", threshold_value=3)
    world.credits.state("user_ann", balance="20.000001")
    world.credits.state("org_fog", runway=3 * 86_400 + 1)
    assert await world.check() == 0
    world.credits.state("user_ann", balance="19.5")
    world.credits.state("org_fog", runway=86_400)
    world.clock.forward(seconds=29)
    assert await world.check() == 0
    world.clock.forward(seconds=1)
    assert await world.check() == 2
    assert [sorted(each) for each in world.credits.asked] == [["org_fog", "user_ann"]] * 2
    values = {each.account_id: each.data["value"] for each in await world.signals()}
    assert values == {"user_ann": "19.5", "org_fog": "1"}


async def test_while_billing_is_down_money_changes_nothing_and_the_rest_is_checked(world: World) -> None:
    await world.set("ann", **OWN, resource_type="balance", units="credits", threshold_value=20)
    await world.set("ann", **OWN)
    world.credits.is_down = True
    world.report("vm-1", storage_gb=600)
    assert await world.check() == 1


async def test_a_storm_is_told_in_ten_signals_and_a_summary_and_every_state_is_kept(world: World) -> None:
    made = await world.set(
        user_id="*", resource_type="cpu", threshold_type="percentage", threshold_value=90, units="%", cooling_seconds=0
    )
    for number in range(1_500):
        world.report(f"vm-{number:04}", "user_ann", cpu_percent_avg=95)
    world.report("vm-bob", "user_bob", cpu_percent_avg=95)
    assert await world.check() == 1_501
    told = Counter(each.account_id for each in await world.signals())
    assert told == {"user_ann": 10, "user_bob": 1}
    world.clock.forward(seconds=60)
    world.restarted()
    await world.check()
    assert await world.check() == 0
    signals = await world.signals()
    (summary,) = [each for each in signals if each.data["more"] != "0"]
    assert (summary.account_id, summary.data["more"], summary.data["instance_id"]) == ("user_ann", "1490", "")
    assert summary.data["threshold_id"] == made.id
    assert summary.data["at"] == NOW.isoformat()
    assert len(signals) == 12
    page = await world.client("ann").firing(limit=1_000)
    rest = await world.client("ann").firing(limit=1_000, after=page.next_cursor)
    assert len(page.firing) + len(rest.firing) == 1_500


async def test_two_processes_that_see_the_same_tell_it_once(world: World) -> None:
    await world.set("ann", **OWN)
    first = world.thresholds.checker
    world.restarted()
    assert [await first.check(), await world.check()] == [0, 0]
    world.report("vm-1", storage_gb=600)
    assert await first.check() == 1
    world.clock.forward(seconds=1)
    assert [await world.check() for _ in range(2)] == [0, 0]
    assert len(await world.signals()) == 1


async def test_a_threshold_that_only_logs_names_nobody_to_be_told(world: World) -> None:
    await world.set("ann", **OWN, action="log")
    world.report("vm-1", storage_gb=600)
    await world.check()
    (signal,) = await world.signals()
    assert (signal.data["action"], signal.data["notification_channels"]) == ("log", "")


async def test_a_removed_threshold_is_checked_no_more_and_a_lowered_one_fires(world: World) -> None:
    made = await world.set("ann", **OWN, threshold_value=700)
    world.report("vm-1", storage_gb=600)
    assert await world.check() == 0
    body = {**PUBLISHED, **OWN, "threshold_value": 550}
    await world.http.put(f"/api/v1/thresholds/{made.id}", json=body, headers={"authorization": "Bearer ann"})
    assert await world.check() == 1
    await world.client("ann").delete(made.id)
    assert (await world.client("ann").firing()).firing == []
    assert await world.check() == 0


async def test_an_instance_that_is_gone_does_not_fire_for_ever(world: World) -> None:
    world.report("vm-1", memory_percent=99)
    await world.set("ann", **FULL_MEMORY)
    await world.check()
    tidier = Tidier(world.thresholds.checker)
    world.clock.forward(hours=25)
    world.report("vm-2")
    await tidier.tidy()
    assert len((await world.client("ann").firing()).firing) == 1, "it was seen just now"
    world.current.picture.forget_old(10**18)
    world.clock.forward(hours=25)
    await tidier.tidy()
    assert len((await world.client("ann").firing()).firing) == 1, "an empty picture is no news of anybody"
    world.report("vm-2")
    await tidier.tidy()
    assert (await world.client("ann").firing()).firing == []
    last = (await world.signals())[-1]
    assert (last.type, last.data["instance_id"], last.data["value"]) == (CLEARED, "vm-1", "")


async def test_what_fired_for_an_instance_that_is_anothers_now_does_not_fire_for_ever(world: World) -> None:
    world.report("vm-1", memory_percent=99)
    await world.set("ann", **FULL_MEMORY)
    await world.check()
    tidier = Tidier(world.thresholds.checker)
    for _ in range(2):
        world.clock.forward(hours=13)
        world.report("vm-1", "user_bob", memory_percent=99)
        await world.check()
        await tidier.tidy()
    assert (await world.client("ann").firing()).firing == []
    last = (await world.signals())[-1]
    assert (last.type, last.account_id, last.data["value"]) == (CLEARED, "user_ann", "")


async def test_an_instance_that_moved_to_another_payer_is_no_more_of_the_first_ones_threshold(world: World) -> None:
    world.report("vm-1", "user_ann")
    await world.set("ann", user_id=None, instance_id="vm-1")
    world.clock.forward(seconds=30)
    world.report("vm-1", "user_bob", storage_gb=600)
    assert await world.check() == 0
