"""What the queue's access hangs on, in the directory of secrets: who answers sign-ins, and who may cut connections."""

from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_bytes

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fogbank.runtime.secret_files import secret_once

ISSUER, SYSTEM = "queue-issuer", "queue-system"
SEED_BYTES = 32


@dataclass(frozen=True, slots=True)
class QueueSecrets:
    """The private key that answers about sign-ins are signed with, and the password of the system's user."""

    issuer_seed: bytes = field(repr=False)
    system_password: str = field(repr=False)

    @property
    def issuer(self) -> bytes:
        """The public key of the issuer, which the queue's configuration names."""
        return Ed25519PrivateKey.from_private_bytes(self.issuer_seed).public_key().public_bytes_raw()


def queue_secrets(secrets: Path) -> QueueSecrets:
    """Those of this installation, made by the first who asks."""
    seed = secret_once(secrets / ISSUER, lambda: b64encode(token_bytes(SEED_BYTES)).decode())
    return QueueSecrets(b64decode(seed), secret_once(secrets / SYSTEM))
