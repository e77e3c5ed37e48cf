"""The two ceremonies of passkeys (WebAuthn Level 3, 7.1 and 7.2): what we ask, and what of the answers holds.

We ask for passkeys that need no user name (discoverable credentials) and that see to it who holds the device (user
verification), and for no attestation: which make it is tells nothing that we would act on.
"""

import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import options_to_json_dict
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from fogbank.accounts.factors.model import Passkey, RelyingParty

Answer = Mapping[str, Any]
"""A credential as `PublicKeyCredential.toJSON()` gives it."""

TRANSPORT = re.compile(r"[a-z-]{1,32}", re.ASCII)
TRANSPORTS_MAX = 8
TIMEOUT_MS = 5 * 60 * 1000
ALGORITHMS = [
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
MALFORMED = (WebAuthnException, ValueError, TypeError, LookupError, AttributeError, RecursionError, OverflowError)
"""What the library raises at an answer that is none, besides its own errors."""


@dataclass(frozen=True, slots=True)
class Registered:
    """A credential that holds."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    is_synced: bool


def creation_options(
    party: RelyingParty, party_name: str, *, user_id: str, label: str, challenge: bytes, known: Sequence[bytes]
) -> dict[str, Any]:
    """What `navigator.credentials.create()` takes, as JSON. The user handle is the user's id, which is random."""
    options = generate_registration_options(
        rp_id=party.id,
        rp_name=party_name,
        user_id=user_id.encode(),
        user_name=label,
        challenge=challenge,
        timeout=TIMEOUT_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=credential_id) for credential_id in known],
        supported_pub_key_algs=ALGORITHMS,
    )
    return options_to_json_dict(options)


def request_options(party: RelyingParty, challenge: bytes) -> dict[str, Any]:
    """What a browser's `navigator.credentials.get()` takes, as JSON: any passkey of ours."""
    options = generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        timeout=TIMEOUT_MS,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json_dict(options)


def challenge_of(answer: Answer) -> bytes | None:
    """The challenge that the answer says it answers; None where it says none."""
    try:
        client_data = msgspec.json.decode(_bytes_of(answer["response"]["clientDataJSON"]))
        return _bytes_of(client_data["challenge"])
    except (msgspec.DecodeError, ValueError, TypeError, LookupError, RecursionError):
        return None


def credential_of(answer: Answer) -> bytes | None:
    """The credential that the answer is of."""
    try:
        return _bytes_of(answer["rawId"])
    except (ValueError, TypeError, LookupError):
        return None


def user_of(answer: Answer) -> str | None:
    """The user id that a passkey was registered with, if it gives it."""
    try:
        handle = answer["response"].get("userHandle")
        return None if handle is None else _bytes_of(handle).decode()
    except (ValueError, TypeError, LookupError, AttributeError):
        return None


def transports_of(answer: Answer) -> tuple[str, ...]:
    """How the device that keeps a new passkey can be reached, as it says: `usb`, `internal`, `hybrid` and the like."""
    said = answer["response"].get("transports")
    words = said[:TRANSPORTS_MAX] if isinstance(said, list) else []
    return tuple(word for word in words if isinstance(word, str) and TRANSPORT.fullmatch(word))


def registered(party: RelyingParty, answer: Answer, challenge: bytes) -> Registered | None:
    """The credential that was made, if the answer holds."""
    try:
        verified = verify_registration_response(
            credential=dict(answer),
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
            supported_pub_key_algs=ALGORITHMS,
        )
    except MALFORMED:
        return None
    return Registered(
        credential_id=verified.credential_id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        is_synced=verified.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
    )


def counter_shown(party: RelyingParty, passkey: Passkey, answer: Answer, challenge: bytes) -> int | None:
    """The passkey's counter as a signature of its own says it, whatever it is; None when the answer does not hold."""
    try:
        verified = verify_authentication_response(
            credential=dict(answer),
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=passkey.public_key,
            # The library refuses a counter that went back and says no more; we want to know, so it compares with 0.
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except MALFORMED:
        return None
    return verified.new_sign_count


def _bytes_of(text: Any) -> bytes:
    if not isinstance(text, str):
        raise TypeError(text)
    return urlsafe_b64decode(text + "===")
