"""Judging the current picture: every threshold against every thing that it watches, once. Pure, and in slices.

What is not known at present is passed over, so it changes nothing: a stale reading, an instance that is not there, an
account whose money nobody told.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from fogbank.compute.current.picture import Latest, Picture
from fogbank.compute.thresholds.index import Index, Watched
from fogbank.compute.thresholds.model import Concerned, Crossing, Standing, Subject, SubjectKind, Threshold, Value
from fogbank.compute.thresholds.rules.crossing import UNTOUCHED, judged
from fogbank.compute.thresholds.rules.units import is_about
from fogbank.compute.thresholds.rules.values import OF_READING, Money, sum_of

Standings = Mapping[tuple[str, str], Standing]
"""By threshold and by the key of what it watches."""


@dataclass(frozen=True, slots=True)
class Happened:
    """A threshold was crossed: for whom, how it stands now, and what was measured, in base micro-units."""

    watched: Watched
    concerned: Concerned
    standing: Standing
    crossing: Crossing
    micros: int


@dataclass(frozen=True, slots=True)
class Moment:
    """What there is to judge at one instant: the readings, who pays for them, the money, and where all stands."""

    readings: Sequence[Latest]
    picture: Picture
    money: Mapping[str, Money]
    standings: Standings
    now_us: int
    interval_us: int
    is_whole: bool = True
    """Whether every node that is there had time to report. Before that, sums are at least so much."""

    def crossings(self, index: Index) -> Iterator[Happened | None]:
        """Everything that is crossed now; None in between, as often as something was looked at that is not."""
        yield from self._each_instance(index)
        yield from self._each_account(index)
        yield from self._money(index)

    def _each_instance(self, index: Index) -> Iterator[Happened | None]:
        of_instance, of_user, of_organization = index.of_instance, index.each_of_user, index.each_of_organization
        if not (of_instance or of_user or of_organization or index.each_of_all):
            return
        for reading in self.readings:
            if reading.is_stale(self.now_us, self.interval_us):
                continue
            for watched in (
                *index.each_of_all,
                *of_user.get(reading.user_id, ()),
                *(of_organization.get(reading.org_id, ()) if reading.org_id else ()),
                *(each for each in of_instance.get(reading.instance_id, ()) if watches(each.threshold, reading)),
            ):
                yield self._of_reading(watched, reading)

    def _of_reading(self, watched: Watched, reading: Latest) -> Happened | None:
        micros = OF_READING[watched.measure](reading.metrics, reading.end_us - reading.start_us)
        before = self.standings.get((watched.threshold.id, reading.instance_id))
        # Most thresholds are not crossed, and never were: this is all that is done for those.
        if before is None and not watched.limit.is_reached(micros):
            return None
        after, crossing = judged(watched.limit, before or UNTOUCHED, Value(micros), self.now_us)
        if crossing is None:
            return None
        return Happened(watched, concerned_by(reading, watched.threshold.terms.subject), after, crossing, micros)

    def _each_account(self, index: Index) -> Iterator[Happened | None]:
        for user_id, thresholds in index.sum_of_user.items():
            yield from self._sums(thresholds, Concerned(user_id, user_id=user_id), self.picture.of_user(user_id))
        for org_id, thresholds in index.sum_of_organization.items():
            readings = self.picture.of_organization(org_id)
            yield from self._sums(thresholds, Concerned(org_id, org_id=org_id), readings)
        if index.sum_of_all:
            yield from self._every_account(index.sum_of_all)

    def _every_account(self, thresholds: Iterable[Watched]) -> Iterator[Happened | None]:
        readings_of: defaultdict[str, list[Latest]] = defaultdict(list)
        for reading in self.readings:
            readings_of[reading.payer].append(reading)
            yield None
        for account_id, readings in readings_of.items():
            concerned = account_of(account_id, is_organization=readings[0].org_id is not None)
            yield from self._sums(thresholds, concerned, readings)

    def _sums(
        self, thresholds: Iterable[Watched], concerned: Concerned, readings: Sequence[Latest]
    ) -> Iterator[Happened | None]:
        for watched in thresholds:
            value = sum_of(readings, watched.measure, self.now_us, self.interval_us)
            if value is not None and not self.is_whole:
                value = replace(value, is_complete=False)
            # So much was looked at, and others wait for their turn.
            yield from (None for _ in readings)
            yield self._of_account(watched, concerned, value)

    def _money(self, index: Index) -> Iterator[Happened | None]:
        if not self.money:
            return
        organizations = {reading.org_id for reading in self.readings}
        for account_id, money in self.money.items():
            for watched in (*index.money_of_account.get(account_id, ()), *index.money_of_all):
                is_named = watched.threshold.terms.subject.kind is SubjectKind.ORGANIZATION
                concerned = account_of(account_id, is_organization=is_named or account_id in organizations)
                yield self._of_account(watched, concerned, money.of(watched.measure))

    def _of_account(self, watched: Watched, concerned: Concerned, value: Value | None) -> Happened | None:
        before = self.standings.get((watched.threshold.id, concerned.key), UNTOUCHED)
        after, crossing = judged(watched.limit, before, value, self.now_us)
        if crossing is None or value is None:
            return None
        return Happened(watched, concerned, after, crossing, value.micros)


def concerned_by(reading: Latest, subject: Subject) -> Concerned:
    """Whom a reading concerns: who pays, but where it is about a user's instances, that user, whoever pays for them."""
    account_id = reading.user_id if subject.kind is SubjectKind.USER else reading.payer
    return Concerned(account_id, reading.user_id, reading.org_id or "", reading.instance_id, reading.node_id)


def account_of(account_id: str, *, is_organization: bool) -> Concerned:
    """An account as the one concerned."""
    return Concerned(account_id, org_id=account_id) if is_organization else Concerned(account_id, user_id=account_id)


def watches(threshold: Threshold, reading: Latest) -> bool:
    """Whether a threshold watches an instance by itself: while it is of the owner whom the threshold is about.

    One on an instance is its payer's, or where nobody knew a payer when it was set, any payer's.
    """
    subject = threshold.terms.subject
    is_its_payers = subject.kind is not SubjectKind.INSTANCE or threshold.account_id in ("", reading.payer)
    return is_its_payers and is_about(
        subject, instance_id=reading.instance_id, user_id=reading.user_id, org_id=reading.org_id
    )
