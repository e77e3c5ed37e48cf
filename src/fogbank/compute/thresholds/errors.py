"""What thresholds refuse, as facts."""


class Refusal(Exception):
    """Something that cannot be done, by this caller or at all."""


class NotAllowed(Refusal):
    """A field that cannot say what it says; the reason says what it can."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field} {reason}")
        self.field = field
        self.reason = reason


class NotVisible(Refusal):
    """What was named does not exist, or is not this caller's to see."""

    def __init__(self, what: str, identifier: str) -> None:
        super().__init__(f"no {what} '{identifier}'")
        self.what = what
        self.identifier = identifier


class NotPermitted(Refusal):
    """The caller sees it and may not do this; the text says who may."""


class IdTaken(Refusal):
    """Another threshold has this id."""

    def __init__(self, threshold_id: str) -> None:
        super().__init__(threshold_id)
        self.threshold_id = threshold_id


class TooManyThresholds(Refusal):
    """An account has as many thresholds as it may have."""

    def __init__(self, account_id: str, most: int) -> None:
        super().__init__(f"{account_id} has {most} thresholds")
        self.account_id = account_id
        self.most = most


class ChangedMeanwhile(Refusal):
    """Somebody else changed the threshold at the same moment; nothing was done."""

    def __init__(self, threshold_id: str) -> None:
        super().__init__(threshold_id)
        self.threshold_id = threshold_id
