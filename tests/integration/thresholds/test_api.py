"""Setting thresholds over HTTP: the contract to the letter, everybody their own, and every act of power logged."""

from typing import Any

import msgspec
import pytest
from tests.integration.thresholds.conftest import PUBLISHED, World

from fogbank.compute.client.thresholds import ThresholdConfiguration
from fogbank.runtime.problems import Problem

OWN = {"user_id": "user_ann"}


async def test_the_published_configuration_is_accepted_and_answered_to_the_letter(world: World) -> None:
    answer = await world.http.post(
        "/api/v1/thresholds", json=PUBLISHED, headers={"authorization": "Bearer root", "idempotency-key": "k-1"}
    )
    assert answer.status_code == 201
    document = answer.json()
    assert {name: document[name] for name in PUBLISHED} == PUBLISHED
    assert isinstance(document["threshold_value"], int)
    assert (document["hysteresis_percent"], document["cooling_seconds"]) == (5, 900)
    again = await world.http.post(
        "/api/v1/thresholds", json=PUBLISHED, headers={"authorization": "Bearer root", "idempotency-key": "k-1"}
    )
    assert (again.status_code, again.json()) == (201, document), "the same again is the same"


async def test_a_threshold_is_seen_changed_and_removed(world: World) -> None:
    made = await world.set("ann", **OWN, name="Disk", threshold_value=12.5)
    client = world.client("ann")
    assert await client.threshold(made.id) == made
    assert (await client.thresholds()).thresholds == [made]
    changed = await client.change(made.id, _said(OWN, threshold_value=20, units="TB"))
    assert (changed.threshold_value, changed.units, changed.revision) == (20, "TB", 2)
    assert await client.change(made.id, _said(OWN, threshold_value=20, units="TB")) == changed
    await client.delete(made.id)
    with pytest.raises(Problem, match="There is no threshold"):
        await client.threshold(made.id)


async def test_an_id_names_one_threshold(world: World) -> None:
    made = await world.set("ann", **OWN, id="disk")
    assert made.id == "disk"
    assert await world.set("ann", **OWN, id="disk") == made
    with pytest.raises(Problem) as taken:
        await world.set("ann", **OWN, id="disk", threshold_value=1)
    assert (taken.value.status, taken.value.kind) == (409, "id-taken")


@pytest.mark.parametrize(
    ("badge", "said", "status"),
    [
        ("ann", {"user_id": "user_ann"}, 201),
        ("ann", {"user_id": None, "org_id": "org_fog"}, 201),
        ("ann", {"user_id": None, "instance_id": "vm-ann"}, 201),
        ("ann", {"user_id": None, "instance_id": "vm-seen"}, 201),
        ("root", {"user_id": "*"}, 201),
        ("root", {"user_id": None, "instance_id": "vm-nobody-knows"}, 201),
        ("root", {"user_id": "user_ann", "action": "suspend"}, 201),
        ("bob", {"user_id": "user_ann"}, 404),
        ("bob", {"user_id": "*"}, 404),
        ("ann", {"user_id": "*"}, 404),
        ("bob", {"user_id": None, "org_id": "org_fog"}, 404),
        ("bob", {"user_id": None, "instance_id": "vm-ann"}, 404),
        ("bob", {"user_id": None, "instance_id": "vm-nobody-knows"}, 404),
        ("ann", {"user_id": None, "org_id": "org_seen"}, 403),
        ("ann", {"user_id": "user_ann", "action": "suspend"}, 403),
        ("ann", {"user_id": "user_ann", "action": "throttle"}, 403),
        ("reader", {"user_id": "user_ann"}, 403),
        ("nobody", {"user_id": "user_ann"}, 401),
    ],
)
async def test_everybody_sets_their_own_and_administrators_set_all(
    world: World, badge: str, said: dict[str, Any], status: int
) -> None:
    world.report("vm-ann", "user_ann")
    world.report("vm-seen", "user_eve", "org_seen")
    answer = await world.http.post(
        "/api/v1/thresholds", json={**PUBLISHED, **said}, headers={"authorization": f"Bearer {badge}"}
    )
    assert answer.status_code == status, answer.text


async def test_somebody_elses_threshold_is_not_there(world: World) -> None:
    made = await world.set("ann", **OWN)
    everybodys = await world.set("root", user_id="*")
    client = world.client("bob")
    for threshold_id in (made.id, everybodys.id):
        for asked in (
            client.threshold(threshold_id),
            client.change(threshold_id, _said(OWN)),
            client.delete(threshold_id),
        ):
            with pytest.raises(Problem) as missing:
                await asked
            assert missing.value.status == 404
    assert (await client.thresholds()).thresholds == []
    with pytest.raises(Problem) as hidden:
        await client.thresholds(account_id="user_ann")
    assert hidden.value.status == 404
    assert await world.client("ann").threshold(made.id) == made


async def test_what_an_administrator_set_on_somebody_they_see_and_leave_alone(world: World) -> None:
    made = await world.set("root", **OWN)
    client = world.client("ann")
    assert await client.threshold(made.id) == made
    with pytest.raises(Problem) as refused:
        await client.delete(made.id)
    assert (refused.value.status, refused.value.kind) == (403, "not-permitted")
    await world.client("root").delete(made.id, "no longer needed")


async def test_acts_of_administrators_are_logged_with_their_reason_and_before_they_are_done(world: World) -> None:
    made = await world.set("root", reason="Ticket 7", id="logged")
    await world.client("root").change("logged", _said({}, threshold_value=600, reason="Ticket 8"))
    await world.client("root").delete("logged", "Ticket 9")
    log = (await world.accounts.activity(subject=f"threshold:{made.id}")).activities
    acts = [(each.action, each.actor_id, each.reason) for each in reversed(log)]
    assert acts == [
        ("threshold.set", "user_root", "Ticket 7"),
        ("threshold.change", "user_root", "Ticket 8"),
        ("threshold.delete", "user_root", "Ticket 9"),
    ]
    assert log[1].before is not None
    assert log[1].after is not None
    assert (log[1].before["threshold_value"], log[1].after["threshold_value"]) == (500, 600)
    await world.set("ann", **OWN, id="own")
    assert (await world.accounts.activity(subject="threshold:own")).activities == [], "their own is theirs"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"units": "bananas"}, "body.units"),
        ({"threshold_type": "percentage", "units": "%"}, "body.threshold_type"),
        ({"threshold_value": 0}, "body.threshold_value"),
        ({"threshold_value": 0.0000001}, "body.threshold_value"),
        ({"org_id": "org_fog"}, "body.org_id"),
        ({"user_id": None}, "body.user_id"),
        ({"notification_channels": []}, "body.notification_channels"),
        ({"action": "explode"}, "body.action"),
        ({"hysteresis_percent": 51}, "body.hysteresis_percent"),
        ({"id": "states"}, "body.id"),
        ({"threshold_value": "NaN"}, "body.threshold_value"),
        ({"user_id": None, "instance_id": "vm", "resource_type": "spend", "units": "credits/day"}, "body.instance_id"),
    ],
)
async def test_what_cannot_be_checked_is_422_and_names_the_field(
    world: World, said: dict[str, Any], field: str
) -> None:
    answer = await world.http.post(
        "/api/v1/thresholds", json={**PUBLISHED, **said}, headers={"authorization": "Bearer root"}
    )
    assert answer.status_code == 422, answer.text
    assert [each["field"] for each in answer.json()["errors"]] == [field]


async def test_what_a_threshold_watches_stays(world: World) -> None:
    made = await world.set("root")
    for said in ({"user_id": "user_ann"}, {"resource_type": "memory"}):
        with pytest.raises(Problem, match="set another threshold"):
            await world.client("root").change(made.id, _said(said))


async def test_an_account_has_a_hundred_thresholds_at_most_and_they_come_in_pages(world: World) -> None:
    for number in range(100):
        await world.set("ann", **OWN, id=f"t-{number:03}")
    with pytest.raises(Problem) as full:
        await world.set("ann", **OWN, id="t-100")
    assert (full.value.status, full.value.kind) == (409, "too-many-thresholds")
    client, found, after = world.client("ann"), list[str](), None
    while True:
        page = await client.thresholds(after=after, limit=30)
        found += [each.id for each in page.thresholds]
        after = page.next_cursor
        if after is None:
            break
    assert found == [f"t-{number:03}" for number in range(100)]
    await world.set("root", **OWN, id="administrators")
    await world.set("bob", user_id="user_bob")


def _said(changes: dict[str, Any], **more: Any) -> ThresholdConfiguration:
    return msgspec.convert({**PUBLISHED, **changes, **more}, ThresholdConfiguration)
