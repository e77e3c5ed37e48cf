"""Retention's decisions: how far floors rise, what a policy must keep to, what becomes of a partition. Pure."""

from datetime import UTC, datetime

from fogbank.kernel.periods import instant_of, microseconds_of
from fogbank.usage.client.retention import Action, DataClass
from fogbank.usage.errors import NotAllowed
from fogbank.usage.model import DAY_US
from fogbank.usage.retention.model import DEFAULT, FOREVER, Days, Floors, Needed, PayerFloors, Policies
from fogbank.usage.rules import start_of

SPARE_DAYS = 1
"""Readings are kept this much longer than the queue holds them: reading it again must not refuse what is stored."""
DAYS_MAX = 36_500
WORTH = 10
"""A shared partition is written anew once a tenth of it has expired: writing nine tenths costs more than it frees."""

RECOMMENDED = Policies({(DataClass.READINGS, DEFAULT): 90, (DataClass.WINDOWS, DEFAULT): 400})
"""What people expect: a quarter of readings, a year and a bit of five minutes, hours for ever."""

MADE_FROM_READINGS = (DataClass.WINDOWS, DataClass.HOURS)


def raised(floors: Floors, policies: Policies, now_us: int, needs: Needed) -> Floors:
    """The floors that the policies ask for now: none lower than it was, none newly above what is needed.

    A payer that once had a policy of its own keeps a floor of its own: what is gone stays gone when it changes.
    """
    return Floors(*(_raised(each, floors.of(each), policies, now_us, needs) for each in DataClass))


def _raised(data_class: DataClass, floors: PayerFloors, policies: Policies, now_us: int, needs: Needed) -> PayerFloors:
    def floor_of(account_id: str, at_least_us: int) -> int:
        return max(at_least_us, _asked(data_class, policies.days_of(data_class, account_id), now_us, needs))

    accounts = sorted(policies.accounts_of(data_class) | floors.of_accounts.keys())
    own = {account_id: floor_of(account_id, floors.of(account_id)) for account_id in accounts}
    return PayerFloors(floor_of(DEFAULT, floors.default_us), own)


def _asked(data_class: DataClass, days: Days, now_us: int, needs: Needed) -> int:
    if days is FOREVER:
        return 0
    kept_days = max(days, least_days(data_class, needs.queue_days))
    return max(0, partition_start(data_class, min(now_us - kept_days * DAY_US, needs.from_us)))


def least_days(data_class: DataClass, queue_days: int) -> int:
    """How long the class is kept at least, where the queue holds readings for `queue_days`."""
    return queue_days + SPARE_DAYS if data_class is DataClass.READINGS else 1


def partition_start(data_class: DataClass, instant_us: int) -> int:
    """The start of the partition that holds the instant: a day of readings, a calendar month of rollups (UTC).

    Floors are such starts, so that a payer's part of a partition goes whole or not at all.
    """
    if data_class is DataClass.READINGS:
        return start_of(instant_us, DAY_US)
    instant = instant_of(max(0, instant_us))
    return microseconds_of(datetime(instant.year, instant.month, 1, tzinfo=UTC))


def due(floors: Floors, needed_from_us: int) -> Floors:
    """Below what data may go now: not what is needed again, such as by a correction of a month that was billed."""
    return Floors(*(floors.of(each).capped(partition_start(each, needed_from_us)) for each in DataClass))


def require_allowed(data_class: DataClass, days: Days, queue_days: int) -> None:
    """`NotAllowed` where no policy may say so."""
    least = least_days(data_class, queue_days)
    if days is FOREVER or least <= days <= DAYS_MAX:
        return
    why = f", because the queue holds readings for {queue_days} days and they may be read again" if least > 1 else ""
    raise NotAllowed("keep", f"must be 'forever' or {least} to {DAYS_MAX} days{why}")


def require_order(policies: Policies) -> None:
    """`NotAllowed` where a payer's rollups would go before its readings.

    A late reading is added up with the rest of its window, hour and day, which must still be there.
    """
    for account_id in sorted({account for _, account in policies.days} | {DEFAULT}):
        readings_days = policies.days_of(DataClass.READINGS, account_id)
        for data_class in MADE_FROM_READINGS:
            days = policies.days_of(data_class, account_id)
            if days is not FOREVER and (readings_days is FOREVER or days < readings_days):
                whose = f" of {account_id}" if account_id else ""
                raise NotAllowed(
                    "keep",
                    f"{data_class}{whose} would be kept {days} days and readings {_words(readings_days)}; what is "
                    f"made from readings must be kept at least as long, so change the other first",
                )


def _words(days: Days) -> str:
    return "for ever" if days is FOREVER else f"{days} days"


def action_for(rows_expired: int, rows_staying: int, *, thorough: bool) -> Action:
    """What to do with a partition: drop what nobody keeps, write anew where it is worth it, or `thorough` asks."""
    if not rows_expired:
        return Action.KEEP
    if not rows_staying:
        return Action.DROP
    is_worth_it = rows_expired * WORTH >= rows_expired + rows_staying
    return Action.REWRITE if thorough or is_worth_it else Action.KEEP
