"""What the demo's story is written in."""

from dataclasses import dataclass

from fogbank.simulate.model import Kind


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at a customer's, and their role in its organisation."""

    name: str
    mailbox: str
    role: str = "member"


@dataclass(frozen=True, slots=True)
class Machines:
    """`count` alike instances, named `name-1`, `name-2`, …; there from one day of the story until another.

    Days are counted from the story's beginning and may be fractions.
    """

    name: str
    kind: Kind
    vcpus: int
    memory_gb: int
    storage_gb: int
    count: int = 1
    gpus: int = 0
    from_day: float = 0.0
    until_day: float | None = None


@dataclass(frozen=True, slots=True)
class Customer:
    """An organisation, or, with `is_person`, somebody who rents for themselves.

    `deposit_credits` is what they paid in and `gift_credits` what they were given, whole credits both. `peak_hour` is
    the busiest hour of their day, in UTC. `shows` says why one would sign in as its first person; empty where nobody
    need.
    """

    slug: str
    name: str
    people: tuple[Person, ...]
    machines: tuple[Machines, ...]
    deposit_credits: int
    gift_credits: int = 0
    peak_hour: float = 13.0
    is_person: bool = False
    shows: str = ""
