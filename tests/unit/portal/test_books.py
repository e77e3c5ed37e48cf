"""Credit and activity: which period is meant, exact amounts, and what a log's entry says."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from fogbank.accounts.client import ActivityView
from fogbank.accounts.ledger.model import Kind
from fogbank.portal.activity.query import read_activity_query
from fogbank.portal.credit.period import Period, read_period, usual_periods
from fogbank.portal.formats import Formats
from fogbank.portal.rules.transfers import KINDS, kind_label, leg_label
from fogbank.portal.views.activity.entries import entry_of
from fogbank.portal.views.credit.amounts import change_of, exact

TODAY = date(2026, 3, 10)
OSLO = ZoneInfo("Europe/Oslo")
FORMATS = Formats(Locale("en", "GB"), ZoneInfo("UTC"), "EUR")
MOVES_NOTHING = {Kind.HOLD, Kind.EXTEND_HOLD, Kind.RELEASE, Kind.LIMIT, Kind.EXPIRE_HOLD, Kind.FREEZE, Kind.UNFREEZE}


def test_the_usual_period_is_this_month_and_a_wrong_one_becomes_it() -> None:
    this_month = Period(date(2026, 3, 1), TODAY)
    assert read_period({}, TODAY) == this_month
    assert read_period({"from": "2026-02-31", "to": "soon"}, TODAY) == this_month
    assert dict(usual_periods(TODAY))["Last month"] == Period(date(2026, 2, 1), date(2026, 2, 28))


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_any_two_days_are_a_period_in_their_order(one: date, other: date) -> None:
    period = read_period({"from": one.isoformat(), "to": other.isoformat()}, TODAY)
    assert (period.first, period.last) == (min(one, other), max(one, other))
    assert period.start(OSLO) < period.end(OSLO)


def test_a_day_is_the_whole_day_of_the_persons_time_zone() -> None:
    period = Period(date(2026, 3, 29), date(2026, 3, 29))  # when Oslo's clocks go forward
    start, end = period.start(OSLO).astimezone(UTC), period.end(OSLO).astimezone(UTC)
    assert (start, end) == (datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC))


def test_amounts_of_the_books_lose_no_decimal() -> None:
    assert exact(12_345_678, FORMATS) == "€12.345678"
    assert exact(12_500_000, FORMATS) == "€12.50"
    assert exact(-1, FORMATS) == "-€0.000001"
    assert (change_of("5", FORMATS), change_of("-5", FORMATS), change_of("0", FORMATS)) == ("+€5.00", "-€5.00", "€0.00")


def test_every_kind_of_transfer_that_moves_something_has_words() -> None:
    assert {kind.value for kind in Kind} - {kind.value for kind in MOVES_NOTHING} <= KINDS.keys()
    assert kind_label("new_kind") == "New kind"
    assert leg_label("customer:org_1") == "Own credit"


def test_filters_of_the_log_are_read_as_far_as_they_make_sense() -> None:
    asked = {"person": "user_1", "kind": "member", "from": "2026-03-01", "to": "2026-03-02", "before": "40"}
    query = read_activity_query(asked, {"member": "People"})
    filters = query.filters(OSLO)
    assert (filters.actor_id, filters.action, query.before) == ("user_1", "member", 40)
    assert filters.to is not None
    assert filters.to.astimezone(UTC) == datetime(2026, 3, 2, 23, tzinfo=UTC)
    nonsense = read_activity_query({"person": "a b", "kind": "x", "from": "now", "before": "-1"}, {"member": "People"})
    assert not nonsense.is_narrowed
    assert nonsense.before is None


def entry(**facts: object) -> ActivityView:
    usual = {"number": 1, "at": datetime(2026, 3, 10, tzinfo=UTC), "id": "act_1", "actor_id": "user_1", "hash": "00"}
    usual |= {"action": "member.changed", "subject": "user:user_2", "reason": "", "before": None, "after": None}
    return ActivityView(**{**usual, **facts})  # type: ignore[arg-type]


def test_an_entry_says_who_did_what_to_whom_and_what_became_of_it() -> None:
    names = {"user_1": "Mira", "user_2": "Olu"}
    said = entry_of(entry(before={"role": "member"}, after={"role": "admin"}), names, FORMATS)
    assert (said.who, said.what, said.whom) == ("Mira", "changed a role", "Olu")
    assert [(fact.name, fact.before, fact.after) for fact in said.facts] == [("role", "member", "admin")]


def test_an_entry_names_what_it_was_done_to() -> None:
    made = {"action": "service_account.created", "subject": "service_account:machine_1"}
    assert entry_of(entry(**made, after={"name": "Deployment"}), {}, FORMATS).whom == "Deployment"
    assert entry_of(entry(**made, before={"name": "Old"}), {}, FORMATS).whom == "Old"
    assert entry_of(entry(**made), {}, FORMATS).whom == ""


def test_who_is_not_known_here_is_said_by_what_they_are() -> None:
    kinds = {"administrator": "An administrator", "system": "Fogbank", "nobody": "Somebody who was not signed in"}
    for kind, word in kinds.items():
        assert entry_of(entry(actor_kind=kind), {}, FORMATS).who == word
    assert entry_of(entry(actor_id="billing", actor_kind="service"), {}, FORMATS).who == "Fogbank’s service billing"
    assert entry_of(entry(), {}, FORMATS).whom == "user_2"


def test_what_did_not_change_is_not_said() -> None:
    same = entry(before={"a": 1, "b": True, "c": None}, after={"a": 1, "b": False, "c": {"k": "v"}})
    facts = [(fact.name, fact.before, fact.after) for fact in entry_of(same, {}, FORMATS).facts]
    assert facts == [("b", "yes", "no"), ("c", "nothing", "k=v")]
