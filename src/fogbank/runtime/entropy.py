"""Randomness: the only place that throws dice for secrets and ids. Everything else is given `Entropy`."""

from collections.abc import Callable
from secrets import token_bytes

Entropy = Callable[[int], bytes]
"""Gives that many unpredictable bytes."""

system_entropy: Entropy = token_bytes
