"""Corrections: one reading says something else from now on, everybody can see why, and nothing is counted twice."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.integration.mending.conftest import MendingWorld
from tests.integration.usage.conftest import MARCH, reading

from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.problems import Problem
from fogbank.usage.client import Totals

MINUTE = timedelta(minutes=1)
WHY = "The sensor counted a stopped core."


def march_of(totals: Totals, account_id: str) -> dict[str, str]:
    month = datetime(2026, 3, 1, tzinfo=UTC)
    found = [each for each in totals.totals if (each.account_id, each.month_start_at) == (account_id, month)]
    return found[0].quantities if found else {}


async def total(world: MendingWorld, account_id: str, **expected: str) -> None:
    """Wait until the account's March says so."""
    await world.totals_when(lambda totals: expected.items() <= march_of(totals, account_id).items())


async def test_a_corrected_reading_is_billed_as_corrected_and_keeps_its_place_and_its_history(
    world: MendingWorld,
) -> None:
    sequence = await world.send(reading("c-1", MARCH, org_id="c-1"), reading("c-1", MARCH + MINUTE, org_id="c-1"))
    await total(world, "c-1", cpu_seconds="6")
    before = await world.client().totals(0)
    corrected = await world.mending.correct("c-1", MARCH, reason=WHY, metrics={"cpu_seconds": "0.5"})
    assert (corrected.revision, corrected.metrics["cpu_seconds"]) == (1, "0.5")
    assert (corrected.stream_sequence, corrected.ordinal, corrected.sequence) == (sequence, 0, None)
    assert [(each.revision, each.actor_id, each.reason) for each in corrected.corrections] == [(1, "user_admin", WHY)]
    await total(world, "c-1", cpu_seconds="3.5", instance_seconds="60")
    moved = await world.totals_when(lambda totals: bool(totals.totals), before.cursor)
    assert [each.account_id for each in moved.totals] == ["c-1"]
    history = await world.client().history("instances", "c-1", from_at=MARCH, to_at=MARCH + timedelta(hours=1))
    assert history.rows[0].quantities["cpu_seconds"] == "3.5"
    assert await world.mending.reading("c-1", MARCH) == corrected


async def test_a_correction_is_in_the_activity_log_with_what_was_before_and_after(world: MendingWorld) -> None:
    await world.send(reading("c-2", MARCH, org_id="c-2"))
    await world.settled()
    await world.mending.correct("c-2", MARCH, reason=WHY, period_end=MARCH + 2 * MINUTE)
    [act] = (await world.accounts.activity(subject="reading:c-2:2026-03-02T10:00:00Z")).activities
    assert (act.actor_id, act.action, act.reason) == ("user_admin", "usage.reading.correct", WHY)
    assert act.before is not None
    assert act.after is not None
    assert (act.before["revision"], act.before["period_end"]) == (0, "2026-03-02T10:00:30Z")
    assert (act.after["revision"], act.after["period_end"]) == (1, "2026-03-02T10:02:00Z")
    await total(world, "c-2", instance_seconds="120")


async def test_another_payer_pays_for_a_reading_and_the_first_one_no_longer_does(world: MendingWorld) -> None:
    await world.send(reading("c-3", MARCH, org_id="c-3-a"), reading("c-3", MARCH + MINUTE, org_id="c-3-a"))
    await total(world, "c-3-a", instance_seconds="60")
    await world.mending.correct("c-3", MARCH, reason=WHY, org_id="c-3-b")
    await total(world, "c-3-b", instance_seconds="30")
    await total(world, "c-3-a", instance_seconds="30")
    await world.mending.correct("c-3", MARCH + MINUTE, reason=WHY, org_id=None)
    await total(world, "user_of_c-3", instance_seconds="30")
    await total(world, "c-3-a", instance_seconds="0")


async def test_the_original_delivered_again_does_not_undo_a_correction(world: MendingWorld) -> None:
    await world.send(reading("c-4", MARCH, org_id="c-4"))
    await world.settled()
    await world.mending.correct("c-4", MARCH, reason=WHY, metrics={"cpu_seconds": "1"})
    await world.send(reading("c-4", MARCH, org_id="c-4"), reading("c-4", MARCH + MINUTE, org_id="c-4"))
    await total(world, "c-4", cpu_seconds="4", instance_seconds="60")


async def test_two_corrections_at_once_get_two_revisions_and_the_later_one_holds(world: MendingWorld) -> None:
    await world.send(reading("c-5", MARCH, org_id="c-5"))
    await world.settled()
    answers = await asyncio.gather(
        *(world.mending.correct("c-5", MARCH, reason=WHY, metrics={"cpu_seconds": str(n)}) for n in range(7, 12))
    )
    assert sorted(answer.revision for answer in answers) == [1, 2, 3, 4, 5]
    last = max(answers, key=lambda answer: answer.revision)
    assert (await world.mending.reading("c-5", MARCH)).metrics == last.metrics


async def test_the_same_key_is_the_same_act_and_asking_for_what_is_so_changes_nothing(world: MendingWorld) -> None:
    await world.send(reading("c-6", MARCH, org_id="c-6"))
    await world.settled()
    first: dict[str, Any] = {"reason": WHY, "key": "ticket-1", "metrics": {"cpu_seconds": "1"}}
    await world.mending.correct("c-6", MARCH, **first)
    second = await world.mending.correct("c-6", MARCH, reason=WHY, metrics={"cpu_seconds": "2"})
    again = await world.mending.correct("c-6", MARCH, **first)
    assert again == second
    assert (await world.mending.correct("c-6", MARCH, reason="Other.", metrics={"cpu_seconds": "2"})).revision == 2
    with pytest.raises(Problem) as reused:
        await world.mending.correct("c-6", MARCH, reason=WHY, key="ticket-1", metrics={"cpu_seconds": "3"})
    assert (reused.value.status, reused.value.kind) == (409, "key-reused")
    assert len((await world.accounts.activity(subject="reading:c-6:2026-03-02T10:00:00Z")).activities) == 2


async def test_what_never_was_cannot_be_corrected(world: MendingWorld) -> None:
    with pytest.raises(Problem) as refused:
        await world.mending.correct("c-7", MARCH, reason=WHY, metrics={"cpu_seconds": "1"})
    assert refused.value.status == 404
    assert (await world.accounts.activity(subject="reading:c-7:2026-03-02T10:00:00Z")).activities == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"metrics": {"cpu": "1"}}, "metrics.cpu"),
        ({"metrics": {"cpu_seconds": "-1"}}, "metrics.cpu_seconds"),
        ({"metrics": {"cpu_seconds": "0.0000001"}}, "metrics.cpu_seconds"),
        ({"period_end": MARCH}, "period_end"),
        ({"period_end": MARCH + timedelta(hours=2)}, "period_end"),
        ({"reason": " "}, "body.reason"),
        ({"user_id": "a b"}, "body.user_id"),
        ({"cpu_seconds": "1"}, "body.cpu_seconds"),
    ],
)
async def test_what_a_reading_cannot_say_is_refused_by_name(
    world: MendingWorld, changes: dict[str, Any], field: str
) -> None:
    await world.send(reading("c-8", MARCH, org_id="c-8"))
    await world.settled()
    with pytest.raises(Problem) as refused:
        await world.mending.correct("c-8", MARCH, **{"reason": WHY, **changes})
    assert refused.value.status == 422
    assert [each["field"] for each in refused.value.extra["errors"]] == [field]


async def test_only_administrators_correct_and_only_who_may_see_a_reading_sees_it(world: MendingWorld) -> None:
    await world.send(reading("c-9", MARCH, org_id="c-9", user_id="c-9-user"))
    await world.settled()
    own = world.as_caller(Caller("c-9-user", CallerKind.USER))
    stranger = world.as_caller(Caller("c-9-stranger", CallerKind.USER))
    assert (await own.reading("c-9", MARCH)).account_id == "c-9"
    for refused in (own.correct("c-9", MARCH, reason=WHY, org_id=None), stranger.reading("c-9", MARCH)):
        with pytest.raises(Problem) as problem:
            await refused
        assert problem.value.status == 404


async def test_the_audit_agrees_with_corrections(world: MendingWorld) -> None:
    await world.rolled_up()
    figures = await world.client().figures()
    assert figures.accepted_events == figures.accepted_stored
    assert figures.stored_events == figures.window_events == figures.hour_events
    for account in figures.accounts:
        assert account.stored == account.windows == account.days == account.hours
