"""What can go wrong with the queue, as facts."""


class QueueUnavailable(ConnectionError):
    """The queue did not confirm in time, or refused for now. What was sent may or may not be on disk: send it again.

    Repeating is safe: a batch carries its deterministic `Nats-Msg-Id`, and readings are stored once by identity.
    """


class StreamDoesNotFit(ValueError):
    """The queue's disk has less room than a stream's limit reserves."""


class BatchTooLarge(ValueError):
    """The message is larger than the queue takes; sending it again will not help, sending it in parts will."""
