"""How guessing is slowed down: the numbers, and how waits grow. docs/decisions/0020-lock-out.md says why."""

from datetime import timedelta

from fogbank.kernel.waits import doubled

PLACE_ATTEMPTS_MAX = 5
"""In one round of one place as one account; the next round lasts twice as long."""
PLACE_ROUND_LEAST = timedelta(minutes=1)
PLACE_ROUND_MOST = timedelta(hours=4)

PLACE_COUNTED_MAX = 3
"""Of a place's attempts, so many count against an account that is not slowed down yet: one place cannot do that."""
ACCOUNT_FREE = 10
"""So many count before an account's unknown devices wait for each other."""
ACCOUNT_WAIT_LEAST = timedelta(seconds=1)
ACCOUNT_WAIT_MOST = timedelta(minutes=15)

DEVICE_ATTEMPTS_MAX = 20
"""Failures in an hour after which a known device is none any more: its token may be stolen."""
DEVICE_WINDOW = timedelta(hours=1)

NETWORK_FAILURES_MAX = 100
"""Of one network in an hour, whomever it tries to be."""
NETWORK_WINDOW = timedelta(hours=1)

FORGOTTEN_AFTER = timedelta(hours=24)


def place_round(number: int) -> timedelta:
    """How long the `number`th round of a place lasts, from 1."""
    return doubled(PLACE_ROUND_LEAST, number - 1, PLACE_ROUND_MOST)


def account_wait(failures: int) -> timedelta:
    """How long unknown devices wait for the next attempt after so many failures: 1 s, doubled up to 15 min."""
    if failures < ACCOUNT_FREE:
        return timedelta()
    return doubled(ACCOUNT_WAIT_LEAST, failures - ACCOUNT_FREE, ACCOUNT_WAIT_MOST)
