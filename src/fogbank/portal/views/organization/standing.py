"""How an organisation stands, said plainly: what goes on, what does not, and who can change that."""

from dataclasses import dataclass

from fogbank.accounts.client import Status


@dataclass(frozen=True, slots=True)
class Standing:
    """A word for a pill, its tone, and the sentence that says what follows."""

    word: str
    tone: str
    headline: str
    sentence: str


STANDINGS = {
    Status.SUSPENDED: Standing(
        "suspended",
        "bad",
        "This organisation is suspended.",
        "What runs goes on and is charged. It can be read and paid for, and people can leave; nothing new is made and "
        "nobody joins, until whoever runs this installation restores it.",
    ),
    Status.CLOSED: Standing(
        "closed",
        "",
        "This organisation is closed for good.",
        "Who owned it or paid for it can still read what it was. Nobody can open it again.",
    ),
}


def standing_of(status: str) -> Standing | None:
    """None while all is as it should be."""
    return STANDINGS.get(Status(status)) if status in set(Status) else None
