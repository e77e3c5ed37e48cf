"""What mending refuses, as facts."""


class NoReading(LookupError):
    """There is no reading of that identity."""

    def __init__(self, instance_id: str, start: str) -> None:
        super().__init__(f"{instance_id} at {start}")
        self.instance_id = instance_id
        self.start = start


class KeyReused(ValueError):
    """The key names an act that was another one."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class CorrectedTooOften(ValueError):
    """A reading keeps at most `revisions_max` corrections."""

    def __init__(self, revisions_max: int) -> None:
        super().__init__(str(revisions_max))
        self.revisions_max = revisions_max


class NoEntry(LookupError):
    """The quarantine has no entry of that number, or no longer."""

    def __init__(self, entry: int) -> None:
        super().__init__(str(entry))
        self.entry = entry


class EntryClosed(ValueError):
    """The entry was dealt with in another way."""

    def __init__(self, entry: int, state: str) -> None:
        super().__init__(f"entry {entry} is {state}")
        self.entry = entry
        self.state = state


class StillWrong(ValueError):
    """What was to be replayed would be set aside again: in this event's field, for this reason."""

    def __init__(self, ordinal: int | None, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.ordinal = ordinal
        self.field = field
        self.reason = reason


class NoReplay(LookupError):
    """There is no replay of that id."""

    def __init__(self, replay_id: str) -> None:
        super().__init__(replay_id)
        self.replay_id = replay_id
