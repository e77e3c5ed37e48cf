"""What usage refuses, as facts."""


class NotAllowed(ValueError):
    """A value that is not one of those allowed; the text names both."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class NothingVisible(LookupError):
    """No reading of that subject may be seen by the caller, or there is none."""

    def __init__(self, subject: str, subject_id: str) -> None:
        super().__init__(f"{subject}/{subject_id}")
        self.subject = subject
        self.subject_id = subject_id
