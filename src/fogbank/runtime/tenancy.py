"""Whose rows the database shows: while a person's request is answered, theirs and their organisations', and no others.

A request begins as nobody's; what finds out who calls says so here, and from then on every connection that the request
takes is under the role that row-level security holds for. Services, administrators and work outside of requests see
every tenant. What a person's request must do beyond its tenant (look up whom they invite, append to the activity log)
says so with `seeing_every_tenant`, so that all of it can be found and read.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from fogbank.runtime.auth import Caller

SYSTEM_ROLE = "fogbank_system"
"""The database's role that sees every tenant."""

TENANT_ROLE = "fogbank_tenant"
"""The one that sees the rows of whose request it is; what they are, each table's policy says."""


@dataclass(frozen=True, slots=True)
class Tenancy:
    """A person, and the accounts whose rows they may see: their own and their organisations'."""

    person_id: str
    account_ids: frozenset[str]


_present: ContextVar[Tenancy | None] = ContextVar("tenancy", default=None)


def present_tenancy() -> Tenancy | None:
    """Whose rows may be seen now; None for every tenant's."""
    return _present.get()


def called_by(caller: Caller) -> None:
    """From here on, this request sees what `caller` may see."""
    _present.set(None if caller.sees_everything else Tenancy(caller.id, caller.visible_accounts))


@contextmanager
def seeing_every_tenant() -> Iterator[None]:
    """Inside, every tenant's rows are seen, whoever calls. For what the code decides, never for what was asked."""
    outer = _present.set(None)
    try:
        yield
    finally:
        _present.reset(outer)
