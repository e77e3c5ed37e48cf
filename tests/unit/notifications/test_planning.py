"""Nobody gets more e-mails in an hour than they should, none of an ordinary sort at night, and every one in the end."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from fogbank.notifications.model import QuietHours
from fogbank.notifications.rules.planning import HOUR, Waiting, plan
from fogbank.notifications.rules.quiet import quiet_until

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
NIGHT = QuietHours(time(22), time(7), "Europe/Vienna")
PER_HOUR = 4


def ordinary(name: str, *, is_held: bool = False) -> Waiting:
    return Waiting(name, "ann@example.org", is_urgent=False, is_held=is_held)


def urgent(name: str) -> Waiting:
    return Waiting(name, "ann@example.org", is_urgent=True, is_held=False)


def names(emails: Sequence[Sequence[Waiting]]) -> list[list[str]]:
    return [[each.notice_id for each in email] for email in emails]


def test_each_goes_by_itself_while_there_is_room() -> None:
    planned = plan([ordinary("a"), ordinary("b")], [], None, NOON, PER_HOUR)
    assert names(planned.emails) == [["a"], ["b"]]
    assert not planned.held


def test_what_there_is_no_room_for_waits_until_the_oldest_is_an_hour_old() -> None:
    sent_at = [NOON - timedelta(minutes=minutes) for minutes in (50, 40)]
    planned = plan([ordinary("a"), ordinary("b"), ordinary("c")], sent_at, None, NOON, PER_HOUR)
    assert names(planned.emails) == [["a"]]
    assert planned.held == [(ordinary(name), sent_at[0] + HOUR) for name in "bc"]


def test_what_was_held_back_comes_as_one_digest() -> None:
    planned = plan([ordinary(name, is_held=True) for name in "abc"], [], None, NOON, PER_HOUR)
    assert names(planned.emails) == [["a", "b", "c"]]


def test_the_last_of_an_hour_is_for_urgent_news() -> None:
    sent_at = [NOON - timedelta(minutes=10)] * (PER_HOUR - 1)
    planned = plan([ordinary("a"), urgent("b")], sent_at, None, NOON, PER_HOUR)
    assert names(planned.emails) == [["b"]]
    assert [each.notice_id for each, _ in planned.held] == ["a"]


def test_at_night_only_what_is_urgent_goes() -> None:
    night = datetime(2026, 11, 25, 23, tzinfo=UTC)
    planned = plan([ordinary("a"), urgent("b")], [], NIGHT, night, PER_HOUR)
    assert names(planned.emails) == [["b"]]
    assert planned.held == [(ordinary("a"), datetime(2026, 11, 26, 6, tzinfo=UTC))]


def test_urgent_news_of_now_leave_less_room_for_the_rest() -> None:
    sent_at = [NOON - timedelta(minutes=10)] * 2
    planned = plan([ordinary("a"), urgent("b"), urgent("c")], sent_at, None, NOON, PER_HOUR)
    assert names(planned.emails) == [["b"], ["c"]]
    assert [each.notice_id for each, _ in planned.held] == ["a"]


minutes = st.one_of(st.integers(0, 5), st.integers(0, 3 * 24 * 60))
arrivals = st.lists(st.tuples(minutes, st.booleans()), max_size=60)


@given(arrivals, st.sampled_from([None, NIGHT]), st.integers(2, 5))
def test_whatever_comes_whenever_the_hour_the_night_and_nothing_lost_hold(
    coming: list[tuple[int, bool]], quiet_hours: QuietHours | None, per_hour: int
) -> None:
    """Plays the mailer: looks at whatever is due, whenever something is."""
    due = [
        (NOON + timedelta(minutes=minutes), Waiting(f"n{number}", "ann@example.org", is_urgent, is_held=False))
        for number, (minutes, is_urgent) in enumerate(coming)
    ]
    sent: list[tuple[datetime, Sequence[Waiting]]] = []
    for _ in range(10 * len(coming) + 1):
        if not due:
            break
        now = min(at for at, _ in due)
        planned = plan([each for at, each in due if at <= now], [at for at, _ in sent], quiet_hours, now, per_hour)
        sent += [(now, email) for email in planned.emails]
        held = [(until, Waiting(each.notice_id, each.address, each.is_urgent, True)) for each, until in planned.held]
        assert all(until > now for until, _ in held)
        due = [(at, each) for at, each in due if at > now] + held
    assert not due
    told = sorted(each.notice_id for _, email in sent for each in email)
    assert told == sorted(f"n{number}" for number in range(len(coming)))
    instants = [at for at, _ in sent]
    assert all(sum(start <= at < start + HOUR for at in instants) <= per_hour for start in instants)
    if quiet_hours is not None:
        assert all(quiet_until(quiet_hours, at) is None or email[0].is_urgent for at, email in sent)
