"""What second factors rest on. Pure."""

from collections.abc import Collection
from datetime import datetime, timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

from fogbank.accounts.factors.model import Method, RelyingParty
from fogbank.kernel.waits import doubled

STRONG = frozenset({Method.TOTP, Method.PASSKEY})
"""What counts as a second factor. Recovery codes stand in for one of these, and are none alone."""

PROOF_LIFE = timedelta(minutes=10)
CODES = 10
CODE_BYTES = 10
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32: no letter that is taken for another, whatever the hand that copied it."""
LOOKALIKES = str.maketrans("oil", "011")

FREE_FAILURES = 5
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(days=1)


def is_enough(methods: Collection[str], *, required: bool) -> bool:
    """Whether somebody with these methods satisfies an organisation; `required` is that it wants a second factor."""
    return not required or not STRONG.isdisjoint(methods)


def methods_with(*, has_totp: bool, passkeys: int, recovery_codes: int) -> frozenset[str]:
    """What a person's sign-in can be completed by; nothing where they have no second factor."""
    strong = {Method.TOTP.value} if has_totp else set()
    if passkeys:
        strong.add(Method.PASSKEY.value)
    return frozenset(strong | {Method.RECOVERY.value}) if strong and recovery_codes else frozenset(strong)


def is_recent(proved_at: datetime | None, now: datetime) -> bool:
    """Whether a proof still counts for what takes a recent one."""
    return proved_at is not None and now - proved_at < PROOF_LIFE


def wait_after(failures: int) -> timedelta:
    """How long no further code is taken after so many wrong ones in a row (RFC 4226, 7.3).

    Nothing up to four, then a minute, doubled by each up to a day. Of a million codes three are right at any time, so
    a year of guessing finds one with a chance of about one in a thousand.
    """
    if failures < FREE_FAILURES:
        return timedelta(0)
    return doubled(FIRST_WAIT, failures - FREE_FAILURES, LONGEST_WAIT)


def recovery_code_of(random: bytes) -> str:
    """A code to show: 80 bits in four groups of four."""
    number = int.from_bytes(random)
    letters = "".join(ALPHABET[number >> shift & 31] for shift in range(8 * len(random) - 5, -1, -5))
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def plain_code(typed: str) -> str:
    """A recovery code as it is hashed, however it was typed."""
    return "".join(typed.split()).replace("-", "").lower().translate(LOOKALIKES)


def plain_digits(typed: str) -> str:
    """A one-time code without the blank that apps show in its middle."""
    return "".join(typed.split())


def went_back(stored: int, shown: int) -> bool:
    """Whether a passkey's counter did not grow, as a copy's would not (WebAuthn, 6.1.1); 0 and 0 is one without."""
    return (stored, shown) != (0, 0) and shown <= stored


def relying_party_of(public_url: str) -> RelyingParty | None:
    """Who passkeys are made for; None where there can be none.

    Browsers make passkeys for names only, never for addresses, and only where nobody reads along: by https, or on
    the machine itself as `localhost` (WebAuthn, 5.1.3).
    """
    parsed = urlsplit(public_url)
    host = parsed.hostname or ""
    if not host or _is_address(host):
        return None
    is_here = host == "localhost" or host.endswith(".localhost")
    if parsed.scheme != "https" and not is_here:
        return None
    default = {"https": 443, "http": 80}[parsed.scheme]
    port = "" if parsed.port in (None, default) else f":{parsed.port}"
    return RelyingParty(host, f"{parsed.scheme}://{host}{port}")


def party_name_of(public_url: str) -> str:
    """What apps and devices call us: with the host, since somebody may have accounts at several of us."""
    host = urlsplit(public_url).hostname or ""
    return "Fogbank" if not host or _is_address(host) or host == "localhost" else f"Fogbank at {host}"


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
