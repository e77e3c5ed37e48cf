"""Who really asks, where reverse proxies stand between: the one place that reads what they say. Pure.

Each proxy adds the address that it was asked from, so the list is believed from its right end, as far as the hops are
proxies that we trust: the first other address is the client's. What the client itself wrote stands left of it and is
never read. `X-Forwarded-For` and `-Proto` are what most proxies send, `Forwarded` is RFC 7239's. Only that of the two
is read which the operator names: proxies pass on the other as it came, so what stands there is the client's own word.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from fogbank.kernel.networks import Address, Network, address_of, is_in, plain

SCHEMES = frozenset({"http", "https"})
FORWARDED = "forwarded"
X_FORWARDED_FOR = "x-forwarded-for"
ADDRESSES_REMEMBERED = 4_096
"""Reading an address costs more than looking it up, and most requests come from few."""


@dataclass(frozen=True, slots=True)
class Client:
    """The client's address, and the scheme that it used; None where no trusted proxy said so."""

    address: str
    scheme: str | None = None


def client_of(
    peer: str, headers: Mapping[str, str], trusted: Sequence[Network], written: str = X_FORWARDED_FOR
) -> Client:
    """Who asks over a connection from `peer`; `written` is the header that proxies write, names are in lower case."""
    if not _is_trusted(peer, trusted):
        return Client(_plain(peer))
    hops = _forwarded(headers.get(FORWARDED, "")) if written == FORWARDED else _x_forwarded(headers)
    client = Client(_plain(peer))
    for hop in reversed(hops):
        if _address(hop.address) is None:
            break  # hidden or no address: what is left of it cannot be believed
        client = Client(_plain(hop.address), hop.scheme)
        if not _is_trusted(hop.address, trusted):
            break
    return client


def _x_forwarded(headers: Mapping[str, str]) -> list[Client]:
    addresses = [each.strip() for each in headers.get("x-forwarded-for", "").split(",") if each.strip()]
    schemes = [each.strip().lower() for each in headers.get("x-forwarded-proto", "").split(",")]
    scheme = schemes[-1] if schemes[-1] in SCHEMES else None
    return [Client(_without_port(each), scheme) for each in addresses]


def _forwarded(value: str) -> list[Client]:
    hops = []
    for element in value.split(","):
        pairs = [pair.partition("=") for pair in element.split(";")]
        said = {name.strip().lower(): text.strip().strip('"') for name, _, text in pairs}
        scheme = said.get("proto", "").lower()
        hops.append(Client(_without_port(said.get("for", "")), scheme if scheme in SCHEMES else None))
    return hops


def _without_port(text: str) -> str:
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text


@lru_cache(ADDRESSES_REMEMBERED)
def _address(text: str) -> Address | None:
    address = address_of(text)
    return None if address is None else plain(address)


def _plain(text: str) -> str:
    address = _address(text)
    return text if address is None else str(address)


def _is_trusted(text: str, trusted: Sequence[Network]) -> bool:
    address = _address(text)
    return address is not None and is_in(address, trusted)
