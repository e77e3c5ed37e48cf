"""Thresholds by what they watch, so that a check looks at each thing once, however many thresholds there are. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from fogbank.compute.thresholds.model import SubjectKind, Terms, Threshold
from fogbank.compute.thresholds.rules.crossing import Limit, limit_of
from fogbank.compute.thresholds.rules.units import MONEY, Measure, is_of_each_instance, unit_of


@dataclass(frozen=True, slots=True)
class Watched:
    """A threshold, ready to be checked."""

    threshold: Threshold
    limit: Limit
    measure: Measure


@dataclass(slots=True)
class Index:
    """All thresholds. `each_*` are judged on each instance by itself, `sum_*` on what an account uses in all."""

    thresholds: dict[str, Threshold] = field(default_factory=dict)
    of_instance: defaultdict[str, list[Watched]] = field(default_factory=lambda: defaultdict(list))
    each_of_user: defaultdict[str, list[Watched]] = field(default_factory=lambda: defaultdict(list))
    each_of_organization: defaultdict[str, list[Watched]] = field(default_factory=lambda: defaultdict(list))
    each_of_all: list[Watched] = field(default_factory=list)
    sum_of_user: defaultdict[str, list[Watched]] = field(default_factory=lambda: defaultdict(list))
    sum_of_organization: defaultdict[str, list[Watched]] = field(default_factory=lambda: defaultdict(list))
    sum_of_all: list[Watched] = field(default_factory=list)
    money_of_account: defaultdict[str, list[Watched]] = field(default_factory=lambda: defaultdict(list))
    money_of_all: list[Watched] = field(default_factory=list)

    @property
    def asks_for_money(self) -> bool:
        return bool(self.money_of_all or self.money_of_account)

    def add(self, threshold: Threshold) -> None:
        """Watch for this threshold too."""
        terms = threshold.terms
        self.thresholds[threshold.id] = threshold
        self._place_of(terms).append(Watched(threshold, limit_of(terms), unit_of(terms).measure))

    def _place_of(self, terms: Terms) -> list[Watched]:
        subject, is_everybody = terms.subject, terms.subject.kind is SubjectKind.EVERYBODY
        if subject.kind is SubjectKind.INSTANCE:
            return self.of_instance[subject.id]
        if terms.resource_type in MONEY:
            return self.money_of_all if is_everybody else self.money_of_account[subject.id]
        is_each = is_of_each_instance(terms)
        if is_everybody:
            return self.each_of_all if is_each else self.sum_of_all
        if subject.kind is SubjectKind.USER:
            return (self.each_of_user if is_each else self.sum_of_user)[subject.id]
        return (self.each_of_organization if is_each else self.sum_of_organization)[subject.id]


def index_of(thresholds: Iterable[Threshold]) -> Index:
    """The thresholds by what they watch."""
    index = Index()
    for threshold in thresholds:
        index.add(threshold)
    return index
