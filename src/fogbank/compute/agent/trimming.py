"""What a tick takes for a moment goes back to the system; the C library would keep most of it for the next one."""

import ctypes
from collections.abc import Callable
from contextlib import suppress


def trimmer() -> Callable[[], None]:
    """Gives back the memory that is free now. Where the C library is not glibc it keeps that, and nothing is done."""
    with suppress(OSError, AttributeError):
        trim = ctypes.CDLL(None).malloc_trim

        def give_back() -> None:
            trim(0)

        return give_back
    return lambda: None
