"""What many accounts spend and have, for a service that watches them: without the history that a person is shown."""

from collections.abc import Sequence
from dataclasses import dataclass

from fogbank.accounts.ledger.client import LedgerClient
from fogbank.billing.client import CreditView
from fogbank.billing.rules.spend import micros_per_hour, runway_seconds
from fogbank.billing.service.burning import Burning
from fogbank.kernel.ids import AccountId
from fogbank.kernel.money import credits_from_micros, micros_from_credits
from fogbank.runtime.clock import Clock


@dataclass(frozen=True, slots=True)
class CreditsService:
    """Asks about one account after the other, so that whoever asks for many delays nobody."""

    burning: Burning
    ledger: LedgerClient
    clock: Clock

    async def of(self, accounts: Sequence[AccountId]) -> list[CreditView]:
        """What each of these accounts spends and has, in the order asked."""
        return [await self._of(account_id) for account_id in accounts]

    async def _of(self, account_id: AccountId) -> CreditView:
        burn = await self.burning.of(account_id, self.clock())
        balance = await self.ledger.balance(account_id)
        available = micros_from_credits(balance.available) - micros_from_credits(balance.floor)
        owned = micros_from_credits(balance.balance) - micros_from_credits(balance.arrears)
        return CreditView(
            account_id=account_id,
            per_hour=credits_from_micros(micros_per_hour(burn.per_second)),
            month_to_date=credits_from_micros(sum(each.cost_micros for each in burn.meters.values())),
            balance=credits_from_micros(owned),
            runway_seconds=runway_seconds(available, burn.per_second),
        )
