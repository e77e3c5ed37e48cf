"""Live money: what an account spends now, how long its credit lasts, and where its month will end."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from fogbank.accounts.ledger.client import LedgerClient
from fogbank.billing.client import MeterSpend, SpendView
from fogbank.billing.model import CreditState
from fogbank.billing.rules.credit import credit_state
from fogbank.billing.rules.decimals import plain
from fogbank.billing.rules.spend import MeterBurn, runway_seconds
from fogbank.billing.service.burning import Burn, Burning
from fogbank.billing.service.comparing import Comparing
from fogbank.billing.store import credit as store
from fogbank.kernel.ids import AccountId
from fogbank.kernel.meters import Meter
from fogbank.kernel.money import Micros, credits_from_micros, micros_from_credits
from fogbank.kernel.quantities import decimal_from_quantity
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Database


@dataclass(frozen=True, slots=True)
class Credit:
    """An account's credit against what it spends: how long it lasts, and the state that this is.

    `available` is all that can still be spent, down to the account's floor.
    """

    available: str
    runway_seconds: int | None
    state: CreditState

    def runs_out_at(self, now: datetime) -> datetime | None:
        return None if self.runway_seconds is None else now + timedelta(seconds=self.runway_seconds)


@dataclass(frozen=True, slots=True)
class SpendingService:
    """Puts the live picture together from compute's rates, billing's lines and the ledger's balance."""

    database: Database
    burning: Burning
    comparing: Comparing
    ledger: LedgerClient
    clock: Clock
    currency: str

    async def spend(self, account_id: AccountId) -> SpendView:
        """What the account spends, as of now."""
        now = self.clock()
        burn = await self.burning.of(account_id, now)
        async with self.database.connection() as connection:
            before = await store.state_of(connection, account_id)
        credit = await self.credit(account_id, burn, before)
        compared = await self.comparing.at(account_id, now)
        return SpendView(
            account_id=account_id,
            currency=self.currency,
            as_of=now,
            month_start=burn.month.start_at,
            month_end=burn.month.end_at,
            month_to_date=_sum(each.cost_micros for each in burn.meters.values()),
            per_hour=_sum(each.per_hour_micros for each in burn.meters.values()),
            forecast_month=_sum(each.forecast_micros for each in burn.meters.values()),
            available=credit.available,
            runway_seconds=credit.runway_seconds,
            runs_out_at=credit.runs_out_at(now),
            state=credit.state.value,
            previous_month_to_date=_optional(compared.previous_month_to_date),
            per_hour_yesterday=_optional(compared.hour_of_yesterday),
            by_meter=[_meter_spend(meter, each) for meter, each in burn.meters.items()],
        )

    async def credit(self, account_id: AccountId, burn: Burn, before: CreditState) -> Credit:
        """How the credit stands that was in the state `before`."""
        balance = await self.ledger.balance(account_id)
        available = micros_from_credits(balance.available) - micros_from_credits(balance.floor)
        runway = runway_seconds(available, burn.per_second)
        arrears = micros_from_credits(balance.arrears)
        state = credit_state(before, available_micros=available, arrears_micros=arrears, runway_seconds=runway)
        return Credit(credits_from_micros(available), runway, state)


def _meter_spend(meter: Meter, burn: MeterBurn) -> MeterSpend:
    return MeterSpend(
        meter=meter,
        label=meter.label,
        quantity=plain(decimal_from_quantity(burn.quantity)),
        unit=meter.unit,
        month_to_date=credits_from_micros(burn.cost_micros),
        per_hour=credits_from_micros(burn.per_hour_micros),
        forecast_month=credits_from_micros(burn.forecast_micros),
    )


def _sum(parts: Iterable[Micros]) -> str:
    return credits_from_micros(sum(parts))


def _optional(micros: Micros | None) -> str | None:
    return None if micros is None else credits_from_micros(micros)
