"""The installation's own key is made once, private, and is what a signature by it is checked against."""

from pathlib import Path

from fogbank.events.batch import Batch
from fogbank.events.signing import SIGNATURE, is_signed_by, public_key_of, signed
from fogbank.runtime.secret_files import BATCH_SIGNING_KEY, batch_signing_seed


def test_everybody_who_asks_has_the_same_key(tmp_path: Path) -> None:
    secrets = tmp_path / "secrets"
    seed = batch_signing_seed(secrets)
    assert batch_signing_seed(secrets) == seed
    assert len(seed) == 32
    assert batch_signing_seed(tmp_path / "other") != seed
    assert (secrets / BATCH_SIGNING_KEY).stat().st_mode & 0o777 == 0o600


def test_what_it_signs_is_known_by_its_public_key(tmp_path: Path) -> None:
    seed = batch_signing_seed(tmp_path)
    batch = signed(Batch(b"readings", {}), seed)
    assert is_signed_by(batch.payload, batch.headers[SIGNATURE], public_key_of(seed))
