"""What QEMU answers about a guest becomes numbers, or it is said why not; what was never reported is missing."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogbank.compute.agent.collectors.machines.guest import NEVER_REPORTED, balloon_of, guest_of
from fogbank.compute.agent.collectors.machines.qmp import Answer, QmpFailed, Refused

GIB = 1 << 30
NO_BALLOON = Refused("No balloon device has been activated")
DISK = {
    "inserted": {"ro": False, "image": {"filename": "a.qcow2", "virtual-size": GIB, "actual-size": 4096, "format": "x"}}
}
TEMPLATE = {"inserted": {"ro": True, "image": {"filename": "b.iso", "virtual-size": GIB, "actual-size": GIB}}}


def raw(content: Any) -> Answer:
    return msgspec.Raw(json.dumps(content).encode())


def answers(
    *, base: int = GIB, plugged: int = 0, balloon: Answer = NO_BALLOON, drives: Any = (), statistics: Any = None
) -> list[Answer]:
    cpus = [{"thread-id": 71, "cpu-index": 0}, {"thread-id": 71, "cpu-index": 1}]
    memory = {"base-memory": base, "plugged-memory": plugged}
    looks = [raw(cpus), raw(memory), raw(list(drives)), balloon]
    return looks if statistics is None else [*looks, raw({"stats": statistics, "last-update": 0})]


def test_a_guest_without_a_balloon_is_given_what_was_configured() -> None:
    guest = guest_of(answers(base=GIB, plugged=GIB))
    assert guest.left_by_balloon_bytes == 2 * GIB
    assert guest.used_bytes is None


def test_cores_that_share_a_thread_are_still_cores() -> None:
    assert guest_of(answers()).cores == 2


def test_what_the_balloon_took_back_is_not_the_guests() -> None:
    guest = guest_of(answers(balloon=raw({"actual": GIB // 4})))
    assert guest.left_by_balloon_bytes == GIB // 4


@given(available=st.integers(0, GIB) | st.just(NEVER_REPORTED), total=st.just(GIB) | st.just(NEVER_REPORTED))
def test_a_field_that_was_never_reported_is_missing_and_not_huge(available: int, total: int) -> None:
    statistics = {"stat-available-memory": available, "stat-total-memory": total, "stat-free-memory": NEVER_REPORTED}
    guest = guest_of(answers(balloon=raw({"actual": GIB}), statistics=statistics))
    expected = None if NEVER_REPORTED in (available, total) else GIB - available
    assert guest.used_bytes == expected


def test_only_what_the_guest_may_write_is_its_own() -> None:
    guest = guest_of(answers(drives=[DISK, TEMPLATE, {"device": "empty cd"}]))
    assert [image.filename for image in guest.images] == ["a.qcow2"]
    assert guest.images[0].allocated_bytes == 4096


def test_storage_that_cannot_tell_is_not_taken_for_empty() -> None:
    drive = {"inserted": {"ro": False, "image": {"filename": "rbd:pool/a", "virtual-size": GIB}}}
    (image,) = guest_of(answers(drives=[drive])).images
    assert image.allocated_bytes is None
    assert image.size_bytes == GIB


@pytest.mark.parametrize(
    "said",
    [
        answers(balloon=raw({"actual": 2 * GIB})),
        answers(balloon=raw({"actual": 0})),
        answers(balloon=raw({"actual": "much"})),
        [Refused("CommandNotFound"), *answers()[1:]],
        [raw([]), *answers()[1:]],
        [raw([[]] * 3), *answers()[1:]],
        [msgspec.Raw(b"[" * 5000), *answers()[1:]],
    ],
)
def test_an_answer_that_makes_no_sense_is_no_reading(said: list[Answer]) -> None:
    with pytest.raises(QmpFailed):
        guest_of(said)


def test_the_balloon_is_found_by_its_kind() -> None:
    named = raw([{"name": "type", "type": "string"}, {"name": "b0", "type": "child<virtio-balloon-pci>"}])
    assert balloon_of([named, raw([])]) == "/machine/peripheral/b0"
    assert balloon_of([raw([]), raw([{"name": "device[0]", "type": "child<virtio-net-pci>"}])]) is None
