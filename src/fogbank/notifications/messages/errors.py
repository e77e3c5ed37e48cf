"""What messages refuse, as facts."""

from collections.abc import Collection


class WrongData(Exception):
    """A message was given other data than its kind takes: what is missing, and what is too much."""

    def __init__(self, missing: Collection[str], unknown: Collection[str]) -> None:
        parts = [*(f"'{name}' is missing" for name in sorted(missing)), *(f"'{name}' is unknown" for name in unknown)]
        super().__init__(", ".join(parts))


class OtherMessage(Exception):
    """Under this id another kind of message was taken before."""

    def __init__(self, message_id: str) -> None:
        super().__init__(f"'{message_id}' is another message")
        self.message_id = message_id


class NoMailServer(Exception):
    """There is no mail server, so no message is taken."""
