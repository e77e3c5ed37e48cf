"""A secret at rest opens with its key, for its webhook, and not otherwise."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

import msgspec
import pytest
from cryptography.exceptions import InvalidTag

from fogbank.notifications.webhooks.secrets import new_webhook_secret
from fogbank.runtime.entropy import system_entropy
from fogbank.runtime.sealing import (
    FILE_NAME,
    KeyUnknown,
    SealingKey,
    SealingKeys,
    new_keys,
)


def numbered() -> Callable[[int], bytes]:
    numbers = count(1)
    return lambda size: next(numbers).to_bytes(size, "big")


def test_a_secret_opens_for_its_own_webhook_only(tmp_path: Path) -> None:
    keys = SealingKeys.of(tmp_path, system_entropy)
    key_id, sealed = keys.seal("webhook_1", "whsec_abc")
    assert b"whsec_abc" not in sealed
    assert keys.open("webhook_1", key_id, sealed) == "whsec_abc"
    with pytest.raises(InvalidTag):
        keys.open("webhook_2", key_id, sealed)
    with pytest.raises(InvalidTag):
        keys.open("webhook_1", key_id, sealed[:-1] + bytes([sealed[-1] ^ 1]))


def test_every_process_of_an_installation_has_the_same_keys_in_a_private_file(tmp_path: Path) -> None:
    key_id, sealed = SealingKeys.of(tmp_path, system_entropy).seal("w", "s")
    assert SealingKeys.of(tmp_path, system_entropy).open("w", key_id, sealed) == "s"
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600


def test_with_a_new_first_key_old_secrets_still_open_until_their_key_is_taken_away(tmp_path: Path) -> None:
    key_id, sealed = SealingKeys.of(tmp_path, system_entropy).seal("w", "s")
    file = tmp_path / FILE_NAME
    added = msgspec.json.decode(new_keys(system_entropy), type=list[SealingKey])
    kept = msgspec.json.decode(file.read_text(), type=list[SealingKey])
    file.write_bytes(msgspec.json.encode(added + kept))
    rotated = SealingKeys.of(tmp_path, system_entropy)
    assert rotated.open("w", key_id, sealed) == "s"
    assert rotated.seal("w", "s")[0] == added[0].id
    file.write_bytes(msgspec.json.encode(added))
    with pytest.raises(KeyUnknown):
        SealingKeys.of(tmp_path, system_entropy).open("w", key_id, sealed)


def test_keys_and_secrets_do_not_show_in_what_is_logged(tmp_path: Path) -> None:
    shown = repr(SealingKeys.of(tmp_path, numbered()))
    assert "AESGCM" not in shown


def test_a_secret_is_of_the_form_that_standard_webhooks_gives_it() -> None:
    assert new_webhook_secret(bytes) == "whsec_" + "A" * 43 + "="
