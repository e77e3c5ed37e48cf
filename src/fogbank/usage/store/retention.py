"""Policies and floors as they are stored, and floors as a condition that other statements put on their rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fogbank.usage.client.retention import DataClass
from fogbank.usage.retention.model import DEFAULT, FOREVER, Days, Floors, FloorsNow, PayerFloors, Policies
from fogbank.usage.store.engine import Engine

FOREVER_DAYS, DEFAULT_DAYS = -1, 0


def floor_of(data_class: DataClass, account: str = "account_id") -> str:
    """From when on the class of that payer is kept, as SQL; takes `parameters_of` that class."""
    name = data_class.value
    accounts, floors = f"{{{name}_accounts:Array(String)}}", f"{{{name}_floors:Array(Int64)}}"
    return f"transform({account}, {accounts}, {floors}, {{{name}_floor:Int64}})"


def parameters_of(floors: Floors, *data_classes: DataClass) -> dict[str, Any]:
    """What `floor_of` these classes takes."""
    parameters: dict[str, Any] = {}
    for data_class in data_classes:
        of_class = floors.of(data_class)
        parameters[f"{data_class.value}_accounts"] = list(of_class.of_accounts)
        parameters[f"{data_class.value}_floors"] = list(of_class.of_accounts.values())
        parameters[f"{data_class.value}_floor"] = of_class.default_us
    return parameters


def kept(data_class: DataClass, instant: str, account: str = "account_id") -> str:
    """Whether the class is kept of that payer at that instant, as SQL; takes `parameters_of` that class."""
    return f"({instant} >= {floor_of(data_class, account)})"


@dataclass(frozen=True, slots=True)
class StoredPolicy:
    """A policy as it was set. `days` are `FOREVER_DAYS` or `DEFAULT_DAYS` where they are not days."""

    data_class: DataClass
    account_id: str
    days: int
    set_by: str
    reason: str
    set_us: int


POLICIES = """
    SELECT data_class, account_id, days, set_by, reason, set_us
    FROM retention_policies FINAL
    ORDER BY data_class, account_id
"""

SET_POLICY = """
    INSERT INTO retention_policies (data_class, account_id, days, set_by, reason, set_us)
    SELECT {data_class:String}, {account_id:String}, {days:Int32}, {set_by:String}, {reason:String}, {set_us:Int64}
"""

FLOORS = """
    SELECT data_class, account_id, max(taken_us), max(settled_us)
    FROM retention_floors
    GROUP BY data_class, account_id
    ORDER BY data_class, account_id
"""

# One statement is one part: all floors are raised together, or none is.
RAISE_FLOORS = """
    INSERT INTO retention_floors (data_class, account_id, taken_us, settled_us)
    SELECT floor.1, floor.2, floor.3, floor.4
    FROM (
        SELECT arrayJoin(arrayZip(
            {classes:Array(String)}, {accounts:Array(String)}, {taken:Array(Int64)}, {settled:Array(Int64)}
        )) AS floor
    )
"""


async def policies(engine: Engine) -> list[StoredPolicy]:
    """Every policy that was ever set, as it is now."""
    return [StoredPolicy(DataClass(row[0]), *row[1:]) for row in await engine.rows(POLICIES)]


async def set_policy(engine: Engine, policy: StoredPolicy) -> None:
    """Set a policy; it is on disk when this returns."""
    parameters = {
        "data_class": policy.data_class.value,
        "account_id": policy.account_id,
        "days": policy.days,
        "set_by": policy.set_by,
        "reason": policy.reason,
        "set_us": policy.set_us,
    }
    await engine.command(SET_POLICY, parameters)


def policies_of(stored: Sequence[StoredPolicy]) -> Policies:
    """What stored policies say."""
    said = [policy for policy in stored if policy.days != DEFAULT_DAYS]
    return Policies({(policy.data_class, policy.account_id): days_of(policy.days) for policy in said})


def days_of(stored_days: int) -> Days:
    return FOREVER if stored_days == FOREVER_DAYS else stored_days


async def floors_now(engine: Engine) -> FloorsNow:
    """How far every floor was raised, and how far it is settled."""
    rows = await engine.rows(FLOORS)
    taken = {(data_class, account_id): floor_us for data_class, account_id, floor_us, _ in rows}
    settled = {(data_class, account_id): floor_us for data_class, account_id, _, floor_us in rows}
    return FloorsNow(_floors(taken), _floors(settled))


def _floors(by_payer: Mapping[tuple[str, str], int]) -> Floors:
    def of(data_class: DataClass) -> PayerFloors:
        its = {account_id: floor_us for (name, account_id), floor_us in by_payer.items() if name == data_class.value}
        return PayerFloors(its.pop(DEFAULT, 0), its)

    return Floors(*map(of, DataClass))


async def write_floors(engine: Engine, taken: Floors, settled: Floors) -> None:
    """Write down how far floors are raised, before anything goes by them, and how far they are settled.

    A payer that gets a floor of its own gets with it what was settled for it among all others.
    """
    payers = [(each, account) for each in DataClass for account in (*taken.of(each).of_accounts, DEFAULT)]
    parameters = {
        "classes": [data_class.value for data_class, _ in payers],
        "accounts": [account_id for _, account_id in payers],
        "taken": [taken.of(data_class).of(account_id) for data_class, account_id in payers],
        "settled": [settled.of(data_class).of(account_id) for data_class, account_id in payers],
    }
    await engine.command(RAISE_FLOORS, parameters)
