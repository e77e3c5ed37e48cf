"""Retention's views, made of what it knows. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from fogbank.kernel.periods import instant_of
from fogbank.usage.client.retention import (
    Action,
    ClassChange,
    DataClass,
    FloorView,
    Keep,
    PayerChange,
    PolicyView,
    ProposedPolicy,
    RetentionChange,
)
from fogbank.usage.retention.dropping import Dropped
from fogbank.usage.retention.model import DEFAULT, FOREVER, Days, Floors, Policies
from fogbank.usage.retention.rules import require_allowed
from fogbank.usage.store.retention import DEFAULT_DAYS, FOREVER_DAYS, StoredPolicy

PAYERS_MAX = 1_000

NOTHING_CHANGES = RetentionChange(None, [], [], [], [], has_more_payers=False)


def with_proposed(policies: Policies, proposed: Iterable[ProposedPolicy], queue_days: int) -> Policies:
    """Those policies with others on top; `NotAllowed` where one of these may not say what it says."""
    days = dict(policies.days)
    for policy in proposed:
        key = (policy.data_class, policy.account_id or DEFAULT)
        if policy.keep == "default":
            days.pop(key, None)
            continue
        days[key] = days_kept(policy.keep)
        require_allowed(policy.data_class, days[key], queue_days)
    return Policies(days)


def days_kept(keep: Keep) -> Days:
    """Days, or None for ever. Not of `default`, which says nothing by itself."""
    return keep if isinstance(keep, int) else FOREVER


def stored_days(keep: Keep) -> int:
    """As days are stored."""
    return keep if isinstance(keep, int) else DEFAULT_DAYS if keep == "default" else FOREVER_DAYS


def policy_view(policy: StoredPolicy) -> PolicyView:
    """A policy as people see it."""
    keep: Keep = {FOREVER_DAYS: "forever", DEFAULT_DAYS: "default"}.get(policy.days, policy.days)  # type: ignore[assignment]
    return PolicyView(
        data_class=policy.data_class,
        account_id=policy.account_id or None,
        keep=keep,
        set_by=policy.set_by,
        reason=policy.reason,
        set_at=instant_of(policy.set_us),
    )


def floor_views(floors: Floors) -> list[FloorView]:
    """Every floor that is above nothing, and payers' own in any case."""
    return [view for data_class in DataClass for view in _floor_views(floors, data_class)]


def _floor_views(floors: Floors, data_class: DataClass) -> Iterator[FloorView]:
    of_class = floors.of(data_class)
    if of_class.default_us:
        yield FloorView(data_class, None, instant_of(of_class.default_us))
    for account_id, floor_us in sorted(of_class.of_accounts.items()):
        yield FloorView(data_class, account_id, instant_of(floor_us))


def change_of(needed_from_us: int, floors: Floors, dropped: Sequence[Dropped]) -> RetentionChange:
    """What goes, partition by partition, added up by class and by payer."""
    rows, sizes = Counter[tuple[DataClass, str]](), Counter[tuple[DataClass, str]]()
    classes = {data_class: [0, 0] for data_class in DataClass}
    for each in dropped:
        change = each.change
        if change.action is Action.KEEP:
            continue
        freed_bytes = change.bytes_before - change.bytes_after
        classes[change.data_class][0] += change.rows_before - change.rows_after
        classes[change.data_class][1] += freed_bytes
        for account_id, count in each.payers.items():
            rows[change.data_class, account_id] += count
            sizes[change.data_class, account_id] += freed_bytes * count // change.rows_expired
    payers = [PayerChange(*key, count, sizes[key]) for key, count in rows.most_common(PAYERS_MAX)]
    return RetentionChange(
        needed_from=instant_of(needed_from_us),
        floors=floor_views(floors),
        classes=[ClassChange(data_class, *freed) for data_class, freed in classes.items()],
        partitions=[each.change for each in dropped],
        payers=payers,
        has_more_payers=len(rows) > len(payers),
    )
