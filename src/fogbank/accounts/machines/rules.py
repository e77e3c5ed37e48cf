"""Decisions about keys and their secrets. Pure."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from fogbank.accounts.client.permissions import Role, Status, role_while
from fogbank.accounts.errors import ScopeBeyondCaller
from fogbank.accounts.machines.errors import EndOutOfReach, LastsLonger, NotANetwork, UnknownScopes, WiderNetworks
from fogbank.accounts.machines.model import ApiKey, SecretFacts, ServiceAccount
from fogbank.accounts.rules import scopes_beyond
from fogbank.kernel.networks import Network, is_inside, networks_of
from fogbank.kernel.scopes import EVERY_SCOPE, unknown_scopes

OVERLAP_MAX = timedelta(days=7)
"""How long an old secret may work beside the one that follows it."""

LASTS_MAX = timedelta(days=36_525)
NETWORKS_MAX = 32


def require_scopes(held: frozenset[str], wanted: frozenset[str]) -> None:
    """`UnknownScopes` where one does not exist, `ScopeBeyondCaller` where who holds `held` cannot pass one on."""
    if unknown := unknown_scopes(wanted):
        raise UnknownScopes(unknown)
    if beyond := scopes_beyond(held, wanted):
        raise ScopeBeyondCaller(beyond)


def scopes_within(held: frozenset[str], wanted: frozenset[str]) -> frozenset[str]:
    """What of `wanted` whoever holds `held` has."""
    if EVERY_SCOPE in held:
        return wanted
    return held if EVERY_SCOPE in wanted else held & wanted


def networks_written(texts: Iterable[str]) -> tuple[str, ...]:
    """The networks as they are kept, in order and once each; `NotANetwork` for what is none."""
    written: set[Network] = set()
    for text in texts:
        try:
            written.update(networks_of([text]))
        except ValueError:
            raise NotANetwork(text) from None
    return tuple(str(network) for network in sorted(written, key=lambda each: (each.version, each)))


def require_within(maker: ApiKey | None, expires_at: datetime | None, networks: Collection[str]) -> None:
    """What a key makes ends no later than it and is used from nowhere else; `LastsLonger` or `WiderNetworks`."""
    if maker is None:
        return
    if maker.expires_at is not None and (expires_at is None or expires_at > maker.expires_at):
        raise LastsLonger
    outer = networks_of(maker.networks)
    if outer and not (networks and all(is_inside(inner, outer) for inner in networks_of(networks))):
        raise WiderNetworks


def require_to_come(expires_at: datetime | None, now: datetime) -> None:
    """`EndOutOfReach` for an end that is past, or further away than a hundred years."""
    if expires_at is not None and not now < expires_at <= now + LASTS_MAX:
        raise EndOutOfReach


def has_ended(key: ApiKey, now: datetime) -> bool:
    return key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now)


def good_secrets(secrets: Sequence[SecretFacts], now: datetime) -> list[SecretFacts]:
    """Those that still work."""
    return [secret for secret in secrets if secret.ends_at is None or secret.ends_at > now]


def end_of_old(now: datetime, overlap: timedelta) -> datetime:
    """When the secret that is replaced at `now` ends. Those before it end at once: there are two at most."""
    return now + min(max(overlap, timedelta(0)), OVERLAP_MAX)


def role_of_machine(account: ServiceAccount, org_status: Status) -> Role | None:
    """What a service account counts as; None when it is revoked, or its organisation closed: it then may nothing.

    A closed organisation is read by people only.
    """
    if account.revoked_at is not None or org_status == Status.CLOSED:
        return None
    return role_while(account.role, org_status)


def end_of(*ends: datetime | None) -> datetime | None:
    """The earliest of several ends; None for those that never come."""
    return min((end for end in ends if end is not None), default=None)
