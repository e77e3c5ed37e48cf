"""Preferences are each person's own, whole, and refused with a reason where they cannot be."""

import pytest
from tests.integration.notifications.conftest import World

from fogbank.notifications.client import PreferencesView, QuietHoursView
from fogbank.runtime.problems import Problem

NIGHT = QuietHoursView("22:00", "07:00", "Europe/Vienna")
BOTH = ["email", "portal"]


async def test_whoever_sets_nothing_is_told_everything_at_any_time(world: World) -> None:
    ann = await world.someone()
    assert await ann.notifications.preferences() == PreferencesView(
        {"balance": BOTH, "thresholds": BOTH, "account": BOTH}, None
    )


async def test_what_is_set_holds_for_oneself_only(world: World) -> None:
    ann, bob = await world.someone(), await world.someone()
    wanted = PreferencesView({"balance": BOTH, "thresholds": [], "account": ["portal"]}, NIGHT)
    assert await ann.notifications.put_preferences(wanted) == wanted
    assert await ann.notifications.preferences() == wanted
    assert (await bob.notifications.preferences()).quiet_hours is None


async def test_they_are_set_whole(world: World) -> None:
    ann = await world.someone()
    await ann.notifications.put_preferences(PreferencesView({"balance": []}, NIGHT))
    assert await ann.notifications.put_preferences(PreferencesView({}, None)) == PreferencesView(
        {"balance": BOTH, "thresholds": BOTH, "account": BOTH}, None
    )


async def test_an_empty_wish_is_the_default(world: World) -> None:
    ann = await world.someone()
    await ann.notifications.put_preferences(PreferencesView({"balance": []}, NIGHT))
    set_to = await ann.http.put("/api/v1/notifications/preferences", {}, as_=PreferencesView)
    assert set_to == PreferencesView({"balance": BOTH, "thresholds": BOTH, "account": BOTH}, None)


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (PreferencesView({"weather": ["email"]}, None), "channels"),
        (PreferencesView({"balance": ["api_callback"]}, None), "channels"),
        (PreferencesView({"balance": ["email"] * 9}, None), "channels"),
        (PreferencesView({}, QuietHoursView("24:00", "07:00", "UTC")), "from_time"),
        (PreferencesView({}, QuietHoursView("22:00", "7:00", "UTC")), "to_time"),
        (PreferencesView({}, QuietHoursView("22:00", "22:00", "UTC")), "quiet_hours"),
        (PreferencesView({}, QuietHoursView("22:00", "21:00", "UTC")), "quiet_hours"),
        (PreferencesView({}, QuietHoursView("22:00", "07:00", "Europe/Atlantis")), "timezone"),
        (PreferencesView({}, QuietHoursView("22:00", "07:00", "../../../etc/passwd")), "timezone"),
        (PreferencesView({}, QuietHoursView("22:00", "07:00", "Europe/\0")), "timezone"),
    ],
)
async def test_what_cannot_be_is_refused_by_its_name(world: World, wanted: PreferencesView, field: str) -> None:
    ann = await world.someone()
    with pytest.raises(Problem) as refused:
        await ann.notifications.put_preferences(wanted)
    assert refused.value.status == 422
    assert field in refused.value.extra["errors"][0]["field"]
