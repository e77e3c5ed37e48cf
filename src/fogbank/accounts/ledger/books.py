"""The books: the accounts a batch touches, as they stand while it is decided. In memory, and all that rules see."""

from dataclasses import dataclass, field
from datetime import datetime

from fogbank.accounts.ledger.model import (
    SYSTEM_ACCOUNTS,
    Grant,
    Hold,
    HoldState,
    Posting,
    Transfer,
    arrears_name,
    customer_name,
    grant_name,
)


@dataclass(slots=True)
class Owner:
    """One payer: the names of its ledger accounts, its floor, what is held, and its grants in burn order."""

    account_id: str
    floor_micros: int = 0
    held_micros: int = 0
    grants: list[Grant] = field(default_factory=list)
    customer: str = ""
    arrears: str = ""

    def __post_init__(self) -> None:
        self.customer, self.arrears = customer_name(self.account_id), arrears_name(self.account_id)

    def add_grant(self, grant: Grant) -> None:
        """Keep burn order: lower priority number, then earlier expiry, then age."""
        self.grants.append(grant)
        self.grants.sort(key=burn_order)


def burn_order(grant: Grant) -> tuple[int, float, int]:
    expiry = float("inf") if grant.expires_at is None else grant.expires_at.timestamp()
    return grant.priority, expiry, grant.age


@dataclass(slots=True)
class Books:
    """Balances by ledger account name, payers, holds by id, and the transfers posted before under ids asked for now.

    `now` is the instant at which all is decided; `at` moves it on. What changed is kept apart, to be written and
    nothing else: `touched` names ledger accounts, `changed_holds` holds, and `new_grants` has each with its payer.
    """

    now: datetime
    balances: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SYSTEM_ACCOUNTS, 0))
    owners: dict[str, Owner] = field(default_factory=dict)
    holds: dict[str, Hold] = field(default_factory=dict)
    transfers: dict[str, Transfer] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    changed_holds: set[str] = field(default_factory=set)
    new_grants: list[tuple[str, Grant]] = field(default_factory=list)

    def open_owner(self, account_id: str) -> Owner:
        """The payer, with empty ledger accounts if it was not there."""
        owner = self.owners.get(account_id)
        if owner is None:
            owner = self.owners[account_id] = Owner(account_id)
            self.balances.setdefault(owner.customer, 0)
            self.balances.setdefault(owner.arrears, 0)
        return owner

    def spendable_micros(self, owner: Owner) -> int:
        """How much of the payer's own credit can go before its floor; what is held cannot."""
        return self.balances[owner.customer] - owner.held_micros - owner.floor_micros

    def active_grants_micros(self, owner: Owner) -> int:
        """What is left of the payer's grants that have not expired."""
        balances, now = self.balances, self.now
        return sum(balances[grant_name(grant.id)] for grant in owner.grants if grant.is_active(now))

    def at(self, now: datetime) -> None:
        """Let time pass until `now`: holds whose time is up free what they held."""
        self.now = now
        for hold in list(self.holds.values()):
            if hold.state is HoldState.OPEN and hold.expires_at <= now:
                self._put_hold(Hold(hold.id, hold.account_id, hold.amount_micros, hold.expires_at, HoldState.EXPIRED))

    def apply(self, posting: Posting) -> None:
        """Take over what a rule decided."""
        if posting.is_repeat:
            return
        transfer = posting.transfer
        self.transfers[transfer.id] = transfer
        if posting.grant is not None:
            self.balances.setdefault(grant_name(posting.grant.id), 0)
            self.owners[transfer.account_id].add_grant(posting.grant)
            self.new_grants.append((transfer.account_id, posting.grant))
        for name, amount_micros in posting.legs:
            self.balances[name] += amount_micros
            self.touched.add(name)
        if posting.hold is not None:
            self._put_hold(posting.hold)
        if posting.floor_micros is not None:
            owner = self.owners[transfer.account_id]
            owner.floor_micros = posting.floor_micros
            self.touched.add(owner.customer)

    def _put_hold(self, hold: Hold) -> None:
        before = self.holds.get(hold.id)
        owner = self.owners[hold.account_id]
        owner.held_micros += reserved_micros(hold) - reserved_micros(before)
        self.holds[hold.id] = hold
        self.changed_holds.add(hold.id)
        self.touched.add(owner.customer)


def reserved_micros(hold: Hold | None) -> int:
    """What a hold reserves: all of its amount while it is open."""
    return hold.amount_micros if hold is not None and hold.state is HoldState.OPEN else 0
