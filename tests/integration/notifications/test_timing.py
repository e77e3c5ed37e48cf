"""E-mails wait for quiet hours to end and do not storm; what waited comes as one."""

from datetime import UTC, datetime, timedelta

from tests.integration.notifications.conftest import PER_HOUR, Someone, World
from tests.integration.notifications.postbox import Postbox

from fogbank.events.signals import SignalType
from fogbank.notifications.client import PreferencesView, QuietHoursView

VIENNA = QuietHoursView("22:00", "07:00", "Europe/Vienna")


def at_next(world: World, hour_utc: int) -> None:
    """Move the clock to that hour of the next day."""
    tomorrow = world.clock().date() + timedelta(days=1)
    world.clock.now = datetime(tomorrow.year, tomorrow.month, tomorrow.day, hour_utc, tzinfo=UTC)


async def sleeper(world: World) -> Someone:
    """Somebody with quiet hours, who signed in just now."""
    someone = await world.someone()
    await someone.notifications.put_preferences(PreferencesView({}, VIENNA))
    return someone


async def test_at_night_emails_are_held_and_come_in_the_morning_as_one(world: World, postbox: Postbox) -> None:
    at_next(world, 23)
    ann = await sleeper(world)
    mailer = world.mailer(postbox.server())
    for _ in range(3):
        await world.happen(world.signal(ann.id))
        await mailer.send_due()
    assert not postbox.came[ann.email]
    emails = [notice.email for notice in (await ann.notifications.notices()).notices]
    morning = world.clock() + timedelta(hours=7)
    assert [(email.state, email.at) for email in emails if email] == [("held", morning)] * 3
    world.clock.now = morning - timedelta(seconds=1)
    await mailer.send_due()
    assert not postbox.came[ann.email]
    world.clock.now = morning
    await mailer.send_due()
    [message] = postbox.came[ann.email]
    assert message["Subject"] == "The credit of Ann is running low, and 2 more"
    assert {notice.email and notice.email.state for notice in (await ann.notifications.notices()).notices} == {"sent"}


async def test_what_is_urgent_wakes_people(world: World, postbox: Postbox) -> None:
    at_next(world, 23)
    ann = await sleeper(world)
    await world.happen(world.signal(ann.id))
    await world.happen(world.signal(ann.id, SignalType.BALANCE_EXHAUSTED))
    data = {"resource_type": "cpu", "instance_id": "vm-1", "action": "suspend", "notification_channels": "email"}
    await world.happen(world.signal(ann.id, SignalType.THRESHOLD_VIOLATED, **data))
    await world.mailer(postbox.server()).send_due()
    assert sorted(str(message["Subject"]) for message in postbox.came[ann.email]) == [
        "CPU of vm-1 is above its limit",
        "The credit of Ann is used up",
    ]


async def test_who_takes_back_their_quiet_hours_gets_what_waited(world: World, postbox: Postbox) -> None:
    at_next(world, 23)
    ann = await sleeper(world)
    mailer = world.mailer(postbox.server())
    await world.happen(world.signal(ann.id))
    await mailer.send_due()
    assert not postbox.came[ann.email]
    await ann.notifications.put_preferences(PreferencesView({}, None))
    await mailer.send_due()
    assert len(postbox.came[ann.email]) == 1


async def test_a_storm_is_a_few_emails_and_one_digest_an_hour_later(world: World, postbox: Postbox) -> None:
    at_next(world, 12)
    ann = await world.someone()
    mailer = world.mailer(postbox.server())
    for _ in range(30):
        await world.happen(world.signal(ann.id))
        await mailer.send_due()
    assert len(postbox.came[ann.email]) == PER_HOUR - 1
    world.clock.forward(hours=1)
    await mailer.send_due()
    assert len(postbox.came[ann.email]) == PER_HOUR
    assert str(postbox.came[ann.email][-1]["Subject"]).endswith(f"and {30 - PER_HOUR} more")


async def test_a_server_that_was_down_for_hours_brings_no_storm(world: World, postbox: Postbox) -> None:
    at_next(world, 8)
    ann = await world.someone()
    working, postbox.answer_to_data = postbox.answer_to_data, "451 4.3.0 Try again later"
    mailer = world.mailer(postbox.server())
    for _ in range(12):
        await world.happen(world.signal(ann.id))
        await mailer.send_due()
        world.clock.forward(minutes=30)
    postbox.answer_to_data = working
    world.clock.forward(hours=1)
    await mailer.send_due()
    assert len(postbox.came[ann.email]) == PER_HOUR - 1
    world.clock.forward(hours=1)
    await mailer.send_due()
    assert len(postbox.came[ann.email]) == PER_HOUR


async def test_an_email_that_no_server_took_before_the_night_waits_for_the_morning(
    world: World, postbox: Postbox
) -> None:
    at_next(world, 20)
    ann = await sleeper(world)
    await world.happen(world.signal(ann.id))
    working, postbox.answer_to_data = postbox.answer_to_data, "451 4.3.0 Try again later"
    mailer = world.mailer(postbox.server())
    await mailer.send_due()
    postbox.answer_to_data = working
    world.clock.forward(hours=2)
    await mailer.send_due()
    assert not postbox.came[ann.email]
    at_next(world, 6)
    await mailer.send_due()
    assert len(postbox.came[ann.email]) == 1
