"""Machines, wired: their routes, their jobs, and who finds out who calls in the process that holds accounts."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from fastapi import APIRouter

from fogbank.accounts.activity.recording import Recorder
from fogbank.accounts.factors.proofs import RecentProofs
from fogbank.accounts.machines.changes import Changes
from fogbank.accounts.machines.feed_api import feed_routes
from fogbank.accounts.machines.key_api import key_routes
from fogbank.accounts.machines.keys import ApiKeys
from fogbank.accounts.machines.lookup import KeyLookup
from fogbank.accounts.machines.service_account_api import service_account_routes
from fogbank.accounts.machines.service_accounts import ServiceAccounts
from fogbank.accounts.machines.session_tokens import SessionTokens
from fogbank.accounts.machines.signing import SigningKeys
from fogbank.accounts.machines.signing_api import signing_key_routes
from fogbank.accounts.machines.token_api import token_routes
from fogbank.accounts.machines.tokens import ClientTokens
from fogbank.accounts.machines.using import Uses
from fogbank.accounts.signing_in.sessions import Sessions
from fogbank.runtime.clock import Clock, MonotonicClock, monotonic_seconds
from fogbank.runtime.component import BackgroundTask, Component, PeriodicJob
from fogbank.runtime.credentials.authenticator import HeaderAuthenticator
from fogbank.runtime.credentials.background import credential_component
from fogbank.runtime.credentials.following import Follower
from fogbank.runtime.credentials.key_file import KeyFile
from fogbank.runtime.database import Database
from fogbank.runtime.entropy import Entropy

AUDIENCE = frozenset({"accounts", "billing", "compute", "notifications", "portal", "queue", "usage"})
"""The services that a token can be for."""

SIGNING_KEYS = "signing-keys.json"
SIGNING_KEY_DAYS = 30
HOURLY = "27 * * * *"
DAILY = "41 3 * * *"


@dataclass(frozen=True, slots=True)
class MachineRooms:
    """What machines add to accounts."""

    routers: Sequence[APIRouter]
    jobs: Sequence[PeriodicJob]


def machine_rooms(
    *,
    database: Database,
    secrets: Path,
    service_secrets: Mapping[str, str],
    recorder: Recorder,
    sessions: Sessions,
    proofs: RecentProofs,
    clock: Clock,
    entropy: Entropy,
    signing_key_days: int = SIGNING_KEY_DAYS,
) -> MachineRooms:
    """Keys, service accounts and tokens on `database`; the signing keys live in the directory `secrets`."""
    signing_keys = KeyFile(secrets / SIGNING_KEYS, clock, entropy)
    keys = ApiKeys(database, recorder, clock, entropy)
    changes = Changes(database, clock)
    signing = SigningKeys(database, recorder, signing_keys, timedelta(days=signing_key_days))
    clients = ClientTokens(database, signing_keys, service_secrets, AUDIENCE, clock)
    return MachineRooms(
        routers=[
            token_routes(clients, SessionTokens(database, sessions, signing_keys, AUDIENCE)),
            key_routes(keys, proofs),
            service_account_routes(ServiceAccounts(database, recorder, clock, entropy), proofs),
            signing_key_routes(signing, clock),
            feed_routes(KeyLookup(database, clock), changes, Uses(database, clock)),
        ],
        jobs=[
            PeriodicJob("accounts.forget_credential_changes", HOURLY, changes.forget),
            PeriodicJob("accounts.forget_ended_secrets", HOURLY, keys.forget_ended_secrets),
            PeriodicJob("accounts.rotate_signing_keys", DAILY, signing.rotate_when_due),
        ],
    )


def local_authenticator(
    *,
    database: Database,
    secrets: Path,
    clock: Clock,
    audience: Collection[str] = AUDIENCE,
    monotonic: MonotonicClock = monotonic_seconds,
) -> HeaderAuthenticator:
    """For the process that holds accounts: it has the keys and asks its own database."""
    return HeaderAuthenticator(
        audience=audience,
        keys=KeyFile(secrets / SIGNING_KEYS, clock),
        look_up_api_key=KeyLookup(database, clock).facts,
        follower=Follower(Changes(database, clock).after, monotonic),
        clock=clock,
    )


def local_credentials(authenticator: HeaderAuthenticator, *, database: Database, clock: Clock) -> Component:
    """What keeps that authenticator's book up to date: the database wakes it at each change."""
    changed = asyncio.Event()
    changes = Changes(database, clock)

    async def listen() -> None:
        await changes.listen(changed.set)

    return credential_component(
        authenticator,
        write_uses=Uses(database, clock).write,
        clock=clock,
        changed=changed,
        others=[BackgroundTask("listen for changes of credentials", listen)],
    )
