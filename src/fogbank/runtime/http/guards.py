"""What an app lets through, as the settings have it: how often, for how long, and by which proxies."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from urllib.parse import urlsplit

from fogbank.kernel.networks import Network
from fogbank.runtime.http.forwarded import X_FORWARDED_FOR

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


@dataclass(frozen=True, slots=True)
class Rates:
    """Requests in a minute. By one address: to sign in or up, and anything else without credentials, or with a
    browser's cookie; by one API key; by one caller with all their keys and sessions, and what sends to others' servers.
    """

    sign_in: int = 60
    address: int = 600
    key: int = 3_000
    caller: int = 6_000
    sending: int = 30


@dataclass(frozen=True, slots=True)
class Guards:
    """The guards of one app; without `rates` it counts nothing."""

    rates: Rates | None = None
    request_seconds_max: float = 60.0
    trusted_proxies: Sequence[Network] = LOOPBACK
    proxies_write: str = X_FORWARDED_FOR
    public_url: str = ""

    @property
    def is_https(self) -> bool:
        """Whether people reach us by https only."""
        return urlsplit(self.public_url).scheme == "https"

    @property
    def public_place(self) -> str:
        """Host and port that people reach us by."""
        return urlsplit(self.public_url).netloc
