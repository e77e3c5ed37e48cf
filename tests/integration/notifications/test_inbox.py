"""The bell: whom what is told, that each sees only their own, and that read stays read."""

from datetime import timedelta

import pytest
from tests.integration.notifications.conftest import Someone, World

from fogbank.events.signals import SignalType
from fogbank.notifications.client import PreferencesView
from fogbank.notifications.telling import delete_before
from fogbank.runtime.problems import Problem


async def titles(someone: Someone) -> list[str]:
    return [notice.title for notice in (await someone.notifications.notices()).notices]


async def test_a_user_is_told_of_their_own_account(world: World) -> None:
    ann = await world.someone()
    signal = await world.happen(world.signal(ann.id))
    [notice] = (await ann.notifications.notices()).notices
    assert notice.id == signal.id
    assert notice.title == "The credit of Ann is running low"
    assert notice.event_type == "balance_low"
    assert notice.account_id == ann.id
    assert notice.data["per_hour"] == "1.20"
    assert notice.email is not None
    assert notice.email.state == "queued"


async def test_an_organisation_tells_money_to_who_pays_and_machines_to_who_runs_them(world: World) -> None:
    owner, payer, worker, guest = [await world.someone() for _ in range(4)]
    org_id = await world.organization(owner, billing=payer, member=worker, viewer=guest)
    await world.happen(world.signal(org_id))
    storage = {"resource_type": "storage", "notification_channels": "portal", "instance_id": "vm-1"}
    await world.happen(world.signal(org_id, SignalType.THRESHOLD_VIOLATED, **storage))
    money, machines = "The credit of Acme is running low", "Storage of vm-1 is above its limit"
    assert await titles(owner) == [machines, money]
    assert await titles(payer) == [money]
    assert await titles(worker) == [machines]
    assert await titles(guest) == []


async def test_a_suspended_member_is_told_nothing(world: World) -> None:
    owner, left = await world.someone(), await world.someone()
    org_id = await world.organization(owner, admin=left)
    await world.set_status(left, "suspended")
    await world.happen(world.signal(org_id))
    await world.set_status(left, "active")
    assert await titles(owner)
    assert await titles(left) == []


async def test_the_same_signal_again_is_the_same_notice(world: World) -> None:
    ann = await world.someone()
    signal = await world.happen(world.signal(ann.id))
    await ann.notifications.read(signal.id)
    await world.happen(signal)
    [notice] = (await ann.notifications.notices()).notices
    assert notice.read_at is not None
    assert (await ann.notifications.unread()).count == 0


async def test_of_an_account_that_nobody_knows_nobody_is_told(world: World) -> None:
    for account_id in ("org_unknown", "*", "", "../users/me", "\0"):
        await world.happen(world.signal(account_id, signal_id=f"\0{next(world.numbers)}"))


async def test_a_threshold_without_channels_is_told_to_nobody(world: World) -> None:
    ann = await world.someone()
    data = {"resource_type": "cpu", "notification_channels": ""}
    await world.happen(world.signal(ann.id, SignalType.THRESHOLD_VIOLATED, **data))
    assert await titles(ann) == []


async def test_another_persons_notice_is_404_and_stays_unread(world: World) -> None:
    ann, bob = await world.someone(), await world.someone()
    signal = await world.happen(world.signal(ann.id))
    with pytest.raises(Problem) as refused:
        await bob.notifications.read(signal.id)
    assert (refused.value.status, refused.value.kind) == (404, "not-found")
    with pytest.raises(Problem) as unknown:
        await bob.notifications.read("no-such-notice")
    assert str(unknown.value).replace("no-such-notice", signal.id) == str(refused.value)
    assert await titles(bob) == []
    assert (await ann.notifications.unread()).count == 1


async def test_pages_go_from_new_to_old_and_miss_none(world: World) -> None:
    ann = await world.someone()
    told = [(await world.happen(world.signal(ann.id))).id for _ in range(5)]
    seen, after = [], None
    while True:
        page = await ann.notifications.notices(after=after, limit=2)
        seen += [notice.id for notice in page.notices]
        if (after := page.next_cursor) is None:
            break
    assert seen == told[::-1]


async def test_what_comes_after_i_looked_stays_unread_when_i_read_all(world: World) -> None:
    ann, bob = await world.someone(), await world.someone()
    for person in (ann, bob, ann):
        await world.happen(world.signal(person.id))
    newest = (await ann.notifications.notices()).notices[0]
    late = await world.happen(world.signal(ann.id))
    assert (await ann.notifications.read_up_to(newest.cursor)).read == 2
    assert (await ann.notifications.read_up_to(newest.cursor)).read == 0
    assert [notice.id for notice in (await ann.notifications.notices(unread=True)).notices] == [late.id]
    assert (await bob.notifications.unread()).count == 1


async def test_more_than_a_hundred_unread_are_not_counted_to_the_end(world: World) -> None:
    ann = await world.someone()
    for _ in range(101):
        await world.happen(world.signal(ann.id))
    unread = await ann.notifications.unread()
    assert (unread.count, unread.is_more) == (100, True)


async def test_who_wants_no_portal_sees_none_and_who_wants_no_email_gets_none(world: World) -> None:
    ann, bob = await world.someone(), await world.someone()
    await ann.notifications.put_preferences(PreferencesView({"balance": ["email"]}, None))
    await bob.notifications.put_preferences(PreferencesView({"balance": ["portal"]}, None))
    await world.happen(world.signal(ann.id))
    await world.happen(world.signal(bob.id))
    assert await titles(ann) == []
    [notice] = (await bob.notifications.notices()).notices
    assert notice.email is None


async def test_what_is_days_old_when_it_is_followed_is_shown_and_not_sent(world: World) -> None:
    ann = await world.someone()
    signal = world.signal(ann.id)
    world.clock.forward(hours=25)
    await world.happen(signal)
    [notice] = (await ann.notifications.notices()).notices
    assert notice.email is None


async def test_old_notices_are_deleted_and_new_ones_kept(world: World) -> None:
    ann = await world.someone()
    await world.happen(world.signal(ann.id))
    world.clock.forward(days=2)
    kept = await world.happen(world.signal(ann.id))
    await delete_before(world.database, world.clock() - timedelta(days=1))
    assert [notice.id for notice in (await ann.notifications.notices()).notices] == [kept.id]


async def test_nobody_without_a_token_sees_anything(world: World) -> None:
    for path in ("", "/unread", "/preferences", "/emails"):
        assert (await world.http.get(f"/api/v1/notifications{path}")).status_code == 401


async def test_a_service_has_no_notices_and_a_user_no_list_of_everybodys_emails(world: World) -> None:
    ann = await world.someone()
    service = ann.notifications.__class__(world.accounts.service)
    with pytest.raises(Problem) as refused:
        await service.notices()
    assert refused.value.status == 403
    with pytest.raises(Problem) as hidden:
        await ann.notifications.emails()
    assert hidden.value.status == 404
