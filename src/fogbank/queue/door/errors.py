"""Why the door does not take a body as a whole, as facts. Wrong events are no errors: they are answered one by one."""


class BodyRefused(ValueError):
    """A body of which nothing was taken; the text says why, as a sentence."""


class FormUnknown(BodyRefused):
    """What the body is, or how it is packed, is none of what the door takes. `is_encoding`: it is the packing."""

    def __init__(self, text: str, *, is_encoding: bool = False) -> None:
        super().__init__(text)
        self.is_encoding = is_encoding


class BodyTooLarge(BodyRefused):
    """More than the door takes at once: bytes unpacked, or events. In parts it may pass."""


class BodyUnreadable(BodyRefused):
    """The body cannot be unpacked, or taken apart into events."""


class TooFast(Exception):
    """A caller has spent what they may send: requests, events or bytes. After `wait_seconds` there is more."""

    def __init__(self, what: str, per_second: int, wait_seconds: int) -> None:
        super().__init__(f"more than {per_second} {what} per second")
        self.what = what
        self.per_second = per_second
        self.wait_seconds = wait_seconds
