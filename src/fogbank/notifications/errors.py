"""What notifications refuses."""


class NoNotice(Exception):
    """The person has no such notice: it does not exist, or it is another's."""

    def __init__(self, notice_id: str) -> None:
        super().__init__(f"no notice '{notice_id}'")
        self.notice_id = notice_id


class QuietTooLong(Exception):
    """The quiet hours leave hardly any time of the day, or none."""

    def __init__(self, minutes: int) -> None:
        super().__init__(f"{minutes} minutes of quiet hours")
        self.minutes = minutes


class NoTimeZone(Exception):
    """There is no such time zone."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no time zone '{name}'")
        self.name = name
