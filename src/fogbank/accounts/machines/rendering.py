"""Machines as views."""

from fogbank.accounts.client.machines import ApiKeyView, CallerView, SecretView, ServiceAccountView, SigningKeyView
from fogbank.accounts.machines.model import Known, KnownServiceAccount, SecretFacts
from fogbank.accounts.machines.rules import good_secrets
from fogbank.runtime.auth import Caller
from fogbank.runtime.clock import Clock
from fogbank.runtime.credentials.key_format import API_KEY_PREFIX
from fogbank.runtime.credentials.signing_keys import KeyRing, SigningKey


def key_view(known: Known, clock: Clock) -> ApiKeyView:
    key = known.key
    return ApiKeyView(
        id=key.id,
        user_id=key.user_id,
        service_account_id=key.service_account_id,
        name=key.name,
        prefix=API_KEY_PREFIX,
        last_four=known.secrets[0].last_four if known.secrets else "",
        secrets=[_secret_view(secret) for secret in good_secrets(known.secrets, clock())],
        scopes=sorted(key.scopes),
        networks=list(key.networks),
        created_at=key.created_at,
        expires_at=key.expires_at,
        revoked_at=key.revoked_at,
        last_used_at=key.last_used_at,
        last_used_address=key.last_used_address,
    )


def service_account_view(known: KnownServiceAccount, clock: Clock) -> ServiceAccountView:
    account = known.account
    return ServiceAccountView(
        id=account.id,
        org_id=account.org_id,
        name=account.name,
        role=account.role.value,
        scopes=sorted(account.scopes),
        secrets=[_secret_view(secret) for secret in good_secrets(known.secrets, clock())],
        created_by=account.created_by,
        created_at=account.created_at,
        revoked_at=account.revoked_at,
    )


def caller_view(caller: Caller) -> CallerView:
    return CallerView(
        id=caller.id,
        kind=caller.kind.value,
        organizations=dict(caller.organizations),
        scopes=sorted(caller.scopes),
        is_administrator=caller.is_administrator,
        key_id=caller.key_id,
    )


def signing_key_views(ring: KeyRing, clock: Clock) -> list[SigningKeyView]:
    now = clock()
    signing, waiting = ring.signing(now), ring.waiting(now)

    def state(key: SigningKey) -> str:
        if key == signing:
            return "signing"
        return "waiting" if key == waiting else "verifying"

    return [
        SigningKeyView(key.kid, state(key), key.made_at, key.signs_from, ring.ends_at(key))
        for key in ring.published(now)
    ]


def _secret_view(secret: SecretFacts) -> SecretView:
    return SecretView(secret.last_four, secret.created_at, secret.ends_at)
