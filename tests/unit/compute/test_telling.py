"""The spool's alarm: once as it begins, once as it ends, and not on and off in between."""

from fogbank.compute.agent.telling import Room, room_of


def test_the_alarm_goes_through_its_steps_and_ends_only_when_half_is_free() -> None:
    room, seen = Room.ENOUGH, []
    for used, coalesced in ((10, 0), (74, 0), (75, 0), (99, 0), (99, 1), (80, 0), (60, 0), (50, 0), (49, 0), (74, 0)):
        room = room_of(used, 100, room, coalesced=coalesced)
        seen.append(room)
    assert seen == [
        Room.ENOUGH,
        Room.ENOUGH,
        Room.LITTLE,
        Room.LITTLE,
        Room.NONE,
        Room.NONE,
        Room.NONE,
        Room.NONE,
        Room.ENOUGH,
        Room.ENOUGH,
    ]
