"""The books: the accounts that a writer works on, in memory, and all that rules see.

They begin at one head of the chain and move on with every batch. As long as the database's head is theirs, nobody else
has written, and every balance in them is the true one.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from fogbank.accounts.ledger.model import (
    SYSTEM_ACCOUNTS,
    Grant,
    Head,
    Hold,
    HoldState,
    Leg,
    Posting,
    Transfer,
    arrears_name,
    customer_name,
    grant_name,
)

TRANSFERS_KEPT = 10_000
"""Enough that no batch on its way to disk is among those forgotten."""
FORGOTTEN_AT_ONCE = 500


@dataclass(slots=True)
class Owner:
    """One payer: the names of its ledger accounts, its floor, what is held, and its grants in burn order."""

    account_id: str
    floor_micros: int = 0
    held_micros: int = 0
    is_frozen: bool = False
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


def expiry_order(hold: Hold) -> tuple[datetime, str]:
    return hold.expires_at, hold.id


@dataclass(slots=True)
class Changes:
    """What differs from the database: names of ledger accounts, ids of holds, and what is new to it."""

    accounts: set[str] = field(default_factory=set)
    holds: set[str] = field(default_factory=set)
    owners: list[Owner] = field(default_factory=list)
    grants: list[tuple[Owner, Grant]] = field(default_factory=list)
    earnings: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Books:
    """Balances and numbers by ledger account name, payers, holds and grants by id, and the transfers of late by id.

    `legs` are those of the batch that is drafted, `legs_on_the_way` those of the one before, which may not be in the
    database yet; `reversals` say by which transfer one was reversed.
    `now` is the instant at which all is decided; `at` moves it on.
    """

    head: Head
    now: datetime
    balances: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SYSTEM_ACCOUNTS, 0))
    numbers: dict[str, int] = field(default_factory=dict)
    owners: dict[str, Owner] = field(default_factory=dict)
    holds: dict[str, Hold] = field(default_factory=dict)
    grants: dict[str, tuple[Owner, Grant]] = field(default_factory=dict)
    ended_grants: set[str] = field(default_factory=set)
    transfers: dict[str, Transfer] = field(default_factory=dict)
    legs: dict[str, list[Leg]] = field(default_factory=dict)
    legs_on_the_way: dict[str, list[Leg]] = field(default_factory=dict)
    reversals: dict[str, str] = field(default_factory=dict)
    changes: Changes = field(default_factory=Changes)
    next_expiry: datetime | None = None

    def take_owner(self, owner: Owner, credit_micros: int = 0, arrears_micros: int = 0) -> None:
        """Take a payer into the books, as the database has it."""
        self.owners[owner.account_id] = owner
        self.balances[owner.customer] = credit_micros
        self.balances[owner.arrears] = arrears_micros

    def open_owner(self, account_id: str) -> Owner:
        """A payer that is new to the ledger."""
        owner = Owner(account_id)
        self.take_owner(owner)
        self.changes.owners.append(owner)
        return owner

    def open_earnings(self, name: str, number: int) -> None:
        """An operator's earnings that are new to the ledger."""
        self.balances[name], self.numbers[name] = 0, number
        self.changes.earnings.append(name)

    def take_grant(self, owner: Owner, grant: Grant) -> None:
        """Take a grant into the books; its balance is the caller's to set."""
        owner.add_grant(grant)
        self.grants[grant.id] = owner, grant

    def take_holds(self, holds: Iterable[Hold]) -> None:
        """Take holds into the books, as the database has them, unless they are there: these are newer."""
        for hold in holds:
            if self.holds.setdefault(hold.id, hold) is hold:
                self._expect_expiry(hold)

    def spendable_micros(self, owner: Owner) -> int:
        """How much of the payer's own credit can go before its floor; what is held cannot."""
        return self.balances[owner.customer] - owner.held_micros - owner.floor_micros

    def active_grants_micros(self, owner: Owner) -> int:
        """What is left of the payer's grants that have not expired."""
        balances, now = self.balances, self.now
        return sum(balances[grant_name(grant.id)] for grant in owner.grants if grant.is_active(now))

    def at(self, now: datetime) -> list[Hold]:
        """Let time pass until `now`; returns the open holds whose time is up, for their expiry to be posted first."""
        self.now = now
        if self.next_expiry is None or now < self.next_expiry:
            return []
        self.next_expiry = None
        due = list[Hold]()
        for hold in self.holds.values():
            if hold.state is HoldState.OPEN and hold.expires_at <= now:
                due.append(hold)
            else:
                self._expect_expiry(hold)
        return sorted(due, key=expiry_order)

    def apply(self, posting: Posting) -> None:
        """Take over what a rule decided."""
        if posting.is_repeat:
            return
        transfer, changed = posting.transfer, self.changes.accounts
        self.transfers[transfer.id] = transfer
        self.legs[transfer.id] = posting.legs
        if posting.grant is not None:
            self._put_grant(self.owners[transfer.account_id], posting.grant)
        for name, amount_micros in posting.legs:
            self.balances[name] += amount_micros
            changed.add(name)
        if posting.hold is not None:
            self._put_hold(posting.hold)
        if posting.floor_micros is not None or posting.is_frozen is not None:
            self._put_terms(self.owners[transfer.account_id], posting)
        if posting.ended_grant is not None:
            self.ended_grants.add(posting.ended_grant)
        if posting.reversed_id is not None:
            self.reversals[posting.reversed_id] = transfer.id

    def legs_of(self, transfer_id: str) -> list[Leg] | None:
        """The legs of a transfer that was posted of late, or was read to be reversed."""
        legs = self.legs.get(transfer_id)
        return self.legs_on_the_way.get(transfer_id) if legs is None else legs

    @property
    def size(self) -> int:
        """How much the books keep for as long as they are used."""
        return len(self.owners) + len(self.holds) + len(self.grants) + len(self.reversals)

    def move_on(self, head: Head) -> Changes:
        """Go on from `head`; returns what changed since the last time."""
        changes, self.changes, self.head = self.changes, Changes(), head
        self.legs, self.legs_on_the_way = {}, self.legs
        self._forget(len(self.transfers) - TRANSFERS_KEPT)
        return changes

    def _forget(self, count: int) -> None:
        """Forget that many transfers, the oldest, if it is worth while. All at once, who waits would feel it."""
        if count >= FORGOTTEN_AT_ONCE:
            for transfer_id in list(islice(self.transfers, count)):
                del self.transfers[transfer_id]

    def _put_grant(self, owner: Owner, grant: Grant) -> None:
        self.balances[grant_name(grant.id)] = 0
        self.take_grant(owner, grant)
        self.changes.grants.append((owner, grant))

    def _put_terms(self, owner: Owner, posting: Posting) -> None:
        if posting.floor_micros is not None:
            owner.floor_micros = posting.floor_micros
        if posting.is_frozen is not None:
            owner.is_frozen = posting.is_frozen
        self.changes.accounts.add(owner.customer)

    def _put_hold(self, hold: Hold) -> None:
        before = self.holds.get(hold.id)
        owner = self.owners[hold.account_id]
        owner.held_micros += reserved_micros(hold) - reserved_micros(before)
        self.holds[hold.id] = hold
        self.changes.holds.add(hold.id)
        self.changes.accounts.add(owner.customer)
        self._expect_expiry(hold)

    def _expect_expiry(self, hold: Hold) -> None:
        if hold.state is HoldState.OPEN and (self.next_expiry is None or hold.expires_at < self.next_expiry):
            self.next_expiry = hold.expires_at


def reserved_micros(hold: Hold | None) -> int:
    """What a hold reserves: all of its amount while it is open."""
    return hold.amount_micros if hold is not None and hold.state is HoldState.OPEN else 0
