"""What a change of standing is refused for, as facts."""

from collections.abc import Collection

from fogbank.accounts.errors import Refusal


class ClosedForGood(Refusal):
    """The account is closed, and nobody opens it again."""

    def __init__(self, account_id: str) -> None:
        super().__init__(f"account '{account_id}' is closed")
        self.account_id = account_id


class NameDiffers(Refusal):
    """Who closes their account types its name, and typed something else."""


class NotSettled(Refusal):
    """The account owes something, or holds are open."""

    def __init__(self, balance_micros: int, holds: int) -> None:
        super().__init__(f"balance is {balance_micros} micro-credits, {holds} holds are open")
        self.balance_micros = balance_micros
        self.holds = holds


class OwnsOrganizations(Refusal):
    """Somebody is the last owner of organisations that are not closed."""

    def __init__(self, org_ids: Collection[str]) -> None:
        super().__init__(f"they are the last owner of {', '.join(sorted(org_ids))}")
        self.org_ids = sorted(org_ids)
