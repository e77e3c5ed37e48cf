"""The ledger as docs/ledger.md describes it, in plain Python: no batches, no database, none of the ledger's own code.

Where several reasons refuse an operation at once, the ledger may name any of them; so the plain ledger names all.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fogbank.accounts.ledger.model import Force, GrantKind
from fogbank.accounts.ledger.posting import operations as ops

NEVER_ABOVE_ZERO = {"deposits", "custody", "write_offs"}
NEVER_BELOW_ZERO = {"breakage", "treasury"}
HAS_A_MIRROR = (ops.Deduct, ops.Charge, ops.Deposit, ops.GrantCredit, ops.Move, ops.Post, ops.Capture, ops.WriteOff)

Legs = Mapping[str, int]


@dataclass
class PlainGrant:
    owner: str
    kind: GrantKind
    priority: int
    expires_at: datetime | None
    age: int
    is_voided: bool = False


@dataclass
class PlainHold:
    owner: str
    amount: int
    expires_at: datetime
    state: str = "open"


@dataclass(frozen=True)
class Told:
    """An answer: of whom, how much, what it did to grants, credit and arrears, and the balance afterwards."""

    account_id: str
    amount: int
    grants: int = 0
    credit: int = 0
    arrears: int = 0
    balance: int = 0


class No(Exception):
    """A refusal: the names of all reasons that there are."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(", ".join(sorted(reasons)))
        self.reasons = set(reasons)


@dataclass
class PlainLedger:
    now: datetime
    balances: Counter[str] = field(default_factory=Counter)
    grants: dict[str, PlainGrant] = field(default_factory=dict)
    holds: dict[str, PlainHold] = field(default_factory=dict)
    limits: Counter[str] = field(default_factory=Counter)
    frozen: set[str] = field(default_factory=set)
    posted: dict[str, tuple[ops.AnyOperation, Told]] = field(default_factory=dict)
    moved: dict[str, Legs] = field(default_factory=dict)
    reversed_ids: set[str] = field(default_factory=set)

    # What an account has

    def held(self, who: str) -> int:
        return sum(hold.amount for hold in self.holds.values() if hold.owner == who and self.reserves(hold))

    def reserves(self, hold: PlainHold) -> bool:
        return hold.state == "open" and self.now < hold.expires_at

    def has_ended(self, grant_id: str) -> bool:
        grant = self.grants[grant_id]
        return grant.is_voided or (grant.expires_at is not None and grant.expires_at <= self.now)

    def own_grants(self, who: str) -> list[str]:
        """Those that have not ended, in burn order."""
        never = self.now + timedelta(days=10_000)
        mine = [key for key, grant in self.grants.items() if grant.owner == who and not self.has_ended(key)]
        return sorted(
            mine,
            key=lambda key: (self.grants[key].priority, self.grants[key].expires_at or never, self.grants[key].age),
        )

    def balance(self, who: str) -> int:
        return self.balances[f"customer:{who}"] + sum(self.balances[f"grant:{key}"] for key in self.own_grants(who))

    def free_credit(self, who: str) -> int:
        return self.balances[f"customer:{who}"] - self.held(who) + self.limits[who]

    # Posting

    def post(self, operation: ops.AnyOperation) -> Told:
        """The answer, or `No`."""
        if operation.id in self.posted:
            first, answer = self.posted[operation.id]
            if first != operation:
                raise No("TransferConflict")
            return answer
        told: Told = getattr(self, f"_{operation.kind}")(operation)
        self.posted[operation.id] = operation, told
        return told

    def settle_time(self) -> None:
        """What the jobs do: leftovers of expired grants move."""
        for key, grant in self.grants.items():
            left = self.balances[f"grant:{key}"]
            if left and grant.expires_at is not None and grant.expires_at <= self.now:
                self.balances[f"grant:{key}"] = 0
                self.balances["breakage" if grant.kind is GrantKind.PAID else "promotions"] += left

    def _book(self, operation: ops.AnyOperation, who: str, amount: int, legs: Legs) -> Told:
        kept = {name: change for name, change in legs.items() if change}
        assert sum(kept.values()) == 0
        self.balances.update(kept)
        self.moved[operation.id] = kept
        if not who:
            return Told("", amount)
        return Told(
            who,
            amount,
            sum(change for name, change in kept.items() if name in {f"grant:{key}" for key in self._grants_of(who)}),
            kept.get(f"customer:{who}", 0),
            kept.get(f"arrears:{who}", 0),
            self.balance(who),
        )

    def _grants_of(self, who: str) -> list[str]:
        return [key for key, grant in self.grants.items() if grant.owner == who]

    def _burn(self, who: str, amount: int) -> tuple[Counter[str], int]:
        legs: Counter[str] = Counter()
        for key in self.own_grants(who):
            part = min(amount, self.balances[f"grant:{key}"])
            legs[f"grant:{key}"] -= part
            amount -= part
        part = min(amount, max(self.free_credit(who), 0))
        legs[f"customer:{who}"] -= part
        return legs, amount - part

    def _give(self, who: str, amount: int) -> Counter[str]:
        to_arrears = min(amount, -self.balances[f"arrears:{who}"])
        return Counter({f"arrears:{who}": to_arrears, f"customer:{who}": amount - to_arrears})

    def _deduct(self, asked: ops.Deduct) -> Told:
        legs, rest = self._burn(asked.account_id, asked.amount_micros)
        reasons = {"BalanceTooLow"} if rest else set()
        if asked.account_id in self.frozen:
            reasons.add("AccountFrozen")
        if reasons:
            raise No(*reasons)
        legs["revenue"] += asked.amount_micros
        return self._book(asked, asked.account_id, asked.amount_micros, legs)

    def _charge(self, asked: ops.Charge) -> Told:
        who, amount = asked.account_id, asked.amount_micros
        if amount < 0:
            legs = self._give(who, -amount)
        else:
            legs, rest = self._burn(who, amount)
            legs[f"arrears:{who}"] -= rest
        legs["revenue"] += amount
        return self._book(asked, who, amount, legs)

    def _deposit(self, asked: ops.Deposit) -> Told:
        legs = self._give(asked.account_id, asked.amount_micros)
        legs["deposits"] -= asked.amount_micros
        return self._book(asked, asked.account_id, asked.amount_micros, legs)

    def _grant(self, asked: ops.GrantCredit) -> Told:
        if asked.expires_at is not None and asked.expires_at <= self.now:
            raise No("NotAnOperation")
        who, source = asked.account_id, "deposits" if asked.grant_kind is GrantKind.PAID else "promotions"
        self.grants[asked.id] = PlainGrant(who, asked.grant_kind, asked.priority, asked.expires_at, len(self.grants))
        legs = {f"grant:{asked.id}": asked.amount_micros, source: -asked.amount_micros}
        return self._book(asked, who, asked.amount_micros, legs)

    def _void_grant(self, asked: ops.VoidGrant) -> Told:
        if asked.grant_id not in self.grants:
            raise No("GrantNotFound")
        grant = self.grants[asked.grant_id]
        reasons = {"GrantEnded"} if self.has_ended(asked.grant_id) else set()
        if grant.owner in self.frozen:
            reasons.add("AccountFrozen")
        if reasons:
            raise No(*reasons)
        left = self.balances[f"grant:{asked.grant_id}"]
        source = "deposits" if grant.kind is GrantKind.PAID else "promotions"
        self._check({source: left})
        grant.is_voided = True
        return self._book(asked, grant.owner, left, {f"grant:{asked.grant_id}": -left, source: left})

    def _limit(self, asked: ops.SetCreditLimit) -> Told:
        who = asked.account_id
        if self.balances[f"customer:{who}"] - self.held(who) < -asked.amount_micros:
            raise No("BalanceTooLow")
        self.limits[who] = asked.amount_micros
        return self._book(asked, who, asked.amount_micros, {})

    def _write_off(self, asked: ops.WriteOff) -> Told:
        legs = {f"arrears:{asked.account_id}": asked.amount_micros, "write_offs": -asked.amount_micros}
        self._check(legs)
        return self._book(asked, asked.account_id, asked.amount_micros, legs)

    def _transfer(self, asked: ops.Move) -> Told:
        legs = {asked.from_name: -asked.amount_micros, asked.to_name: asked.amount_micros}
        self._check(legs)
        return self._book(asked, "", asked.amount_micros, legs)

    def _post(self, asked: ops.Post) -> Told:
        self._check(dict(asked.legs))
        return self._book(asked, "", sum(change for _, change in asked.legs if change > 0), dict(asked.legs))

    def _freeze(self, asked: ops.Freeze) -> Told:
        if asked.account_id in self.frozen:
            raise No("AccountFrozen")
        self.frozen.add(asked.account_id)
        return self._book(asked, asked.account_id, 0, {})

    def _unfreeze(self, asked: ops.Unfreeze) -> Told:
        if asked.account_id not in self.frozen:
            raise No("AccountNotFrozen")
        self.frozen.discard(asked.account_id)
        return self._book(asked, asked.account_id, 0, {})

    def _hold(self, asked: ops.PlaceHold) -> Told:
        who, reasons = asked.account_id, set[str]()
        if asked.expires_at <= self.now:
            reasons.add("NotAnOperation")
        if who in self.frozen:
            reasons.add("AccountFrozen")
        if self.free_credit(who) < asked.amount_micros:
            reasons.add("BalanceTooLow")
        if reasons:
            raise No(*reasons)
        self.holds[asked.id] = PlainHold(who, asked.amount_micros, asked.expires_at)
        return self._book(asked, who, asked.amount_micros, {})

    def _open_hold(self, hold_id: str) -> PlainHold:
        if hold_id not in self.holds:
            raise No("HoldNotFound")
        if not self.reserves(self.holds[hold_id]):
            raise No("HoldNotOpen")
        return self.holds[hold_id]

    def _capture(self, asked: ops.Capture) -> Told:
        hold = self._open_hold(asked.hold_id)
        amount, reasons = asked.part_micros or hold.amount, set[str]()
        if amount > hold.amount:
            reasons.add("CaptureExceedsHold")
        if hold.owner in self.frozen:
            reasons.add("AccountFrozen")
        if asked.to_name == f"customer:{hold.owner}":
            reasons.add("NotAnOperation")
        reasons |= self._misfits({asked.to_name: amount})
        if reasons:
            raise No(*reasons)
        hold.state = "captured"
        return self._book(asked, hold.owner, amount, {f"customer:{hold.owner}": -amount, asked.to_name: amount})

    def _extend_hold(self, asked: ops.ExtendHold) -> Told:
        hold = self._open_hold(asked.hold_id)
        if asked.expires_at <= hold.expires_at:
            raise No("NotAnOperation")
        hold.expires_at = asked.expires_at
        return self._book(asked, hold.owner, hold.amount, {})

    def _release(self, asked: ops.Release) -> Told:
        hold = self._open_hold(asked.hold_id)
        hold.state = "released"
        return self._book(asked, hold.owner, hold.amount, {})

    def _reverse(self, asked: ops.Reverse) -> Told:
        if asked.transfer_id not in self.posted:
            raise No("TransferNotFound")
        original, told = self.posted[asked.transfer_id]
        if not isinstance(original, HAS_A_MIRROR) or not self.moved[original.id]:
            raise No("NotReversible")
        if original.id in self.reversed_ids:
            raise No("AlreadyReversed")
        mirror: Legs = {name: -change for name, change in self.moved[original.id].items()}
        if asked.force is not None:
            mirror = self._forced(mirror, asked.force)
        self._check(mirror)
        self.reversed_ids.add(original.id)
        return self._book(asked, told.account_id, told.amount, mirror)

    def _forced(self, mirror: Legs, force: Force) -> Legs:
        if any(change < 0 and self._owner(name) in self.frozen for name, change in mirror.items()):
            raise No("AccountFrozen")
        fitted = Counter(mirror)
        for name, change in mirror.items():
            who = self._owner(name)
            sort, _, rest = name.partition(":")
            if sort == "customer" and change < 0:
                missing = max(-change - max(self.free_credit(who), 0), 0)
            elif sort == "grant" and change < 0:
                missing = -change if self.has_ended(rest) else max(-change - self.balances[name], 0)
            else:
                missing = 0
            fitted[name] += missing
            fitted[f"arrears:{who}" if force is Force.ARREARS else "write_offs"] -= missing
            if sort == "grant" and change > 0 and self.has_ended(rest):
                beyond = change
            elif sort == "arrears" and change > 0:
                beyond = max(change + self.balances[name], 0)
            else:
                beyond = 0
            fitted[name] -= beyond
            fitted[f"customer:{who}"] += beyond
        return {name: change for name, change in fitted.items() if change}

    # Limits

    def _owner(self, name: str) -> str:
        sort, _, rest = name.partition(":")
        return self.grants[rest].owner if sort == "grant" else rest

    def _check(self, legs: Legs) -> None:
        reasons = self._misfits(legs)
        if reasons:
            raise No(*reasons)

    def _misfits(self, legs: Legs) -> set[str]:
        return {reason for name, change in legs.items() for reason in self._misfit(name, change)}

    def _misfit(self, name: str, change: int) -> set[str]:
        sort, _, rest = name.partition(":")
        after, reasons = self.balances[name] + change, set[str]()
        if sort == "grant" and rest not in self.grants:
            return {"GrantNotFound"}
        if sort == "grant" and self.has_ended(rest):
            return {"GrantEnded"}
        if rest and change < 0 and self._owner(name) in self.frozen:
            reasons.add("AccountFrozen")
        if sort == "customer" and change < 0 and self.free_credit(rest) < -change:
            reasons.add("BalanceTooLow")
        is_below = after < 0 and (sort in {"grant", "earnings"} or name in NEVER_BELOW_ZERO)
        is_above = after > 0 and (sort == "arrears" or name in NEVER_ABOVE_ZERO)
        if is_below or is_above:
            reasons.add("AccountOutOfRange")
        return reasons
