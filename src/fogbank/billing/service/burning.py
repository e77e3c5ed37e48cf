"""What an account spends per second, and where that leads by the end of the month."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from fogbank.billing.rules.spend import MeterBurn, meter_burn
from fogbank.billing.service.payer_months import PayerMonths
from fogbank.billing.service.payer_usage import PayerUsage
from fogbank.kernel.ids import AccountId
from fogbank.kernel.meters import Meter
from fogbank.kernel.periods import Period, month_of
from fogbank.kernel.quantities import Quantity


@dataclass(frozen=True, slots=True)
class Burn:
    """An account's month as it runs now."""

    month: Period
    meters: Mapping[Meter, MeterBurn]

    @property
    def per_second(self) -> Fraction:
        """In micro-credits, exactly."""
        return sum((burn.per_second for burn in self.meters.values()), Fraction(0))


@dataclass(frozen=True, slots=True)
class Burning:
    """Puts together what was metered so far, what runs now, and what both cost."""

    months: PayerMonths
    usage: PayerUsage

    async def of(self, account_id: AccountId, now: datetime) -> Burn:
        month = month_of(now)
        payer_month = (await self.months.of(account_id, [month.start_at]))[month.start_at]
        rates = await self.usage.per_second(account_id)
        seconds_left = int((month.end_at - now).total_seconds())
        burns: dict[Meter, MeterBurn] = {}
        for meter, price in payer_month.prices.items():
            line = payer_month.lines.get(meter)
            quantity = line.quantity if line else Quantity(0)
            burns[meter] = meter_burn(price, quantity, rates.get(meter, Fraction(0)), seconds_left)
        return Burn(month, burns)
