"""A secret, as it is shown this once."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shown:
    """`what` it is and whose; with a `client_id`, where it goes by a pair. `back` is where one goes who has it."""

    what: str
    name: str
    secret: str
    note: str
    back: str
    client_id: str = ""
