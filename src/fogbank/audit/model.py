"""What an audit says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison. `left` and `right` were compared, in the order of the name; `detail` says what differs."""

    name: str
    ok: bool
    left: str
    right: str
    detail: str


@dataclass(frozen=True, slots=True)
class Report:
    """All comparisons of one audit. `unrest` says what was still under way: why sides may differ, if they do."""

    checks: tuple[Check, ...]
    unrest: str = ""

    @property
    def ok(self) -> bool:
        """Whether everything is equal."""
        return all(check.ok for check in self.checks)
