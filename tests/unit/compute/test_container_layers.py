"""Where a container writes is read from the mounts of its processes; what cannot be told is never taken for empty."""

from dataclasses import replace

import pytest

from fogbank.compute.agent.collectors.containers.layers import root_mount_in, writable_layers
from fogbank.compute.agent.collectors.containers.model import Facts

HOST = "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard\n23 22 0:21 / /proc rw - proc proc rw\n"
OVERLAY = (
    "67 44 0:55 / / rw,relatime master:7 - overlay overlay"
    " rw,lowerdir=/l/A:/l/B,upperdir=/data/overlay2/x/diff,workdir=/data/overlay2/x/work\n"
    "68 67 0:40 / /proc rw - proc proc rw\n"
)
PLAIN = "67 44 254:0 /bundles/one/rootfs / rw,relatime - ext4 /dev/vda rw,discard\n"
FACTS = Facts(root_directory="/bundles/one/rootfs", layers="/data/overlay2")


def layers_in(mountinfo: str, facts: Facts = FACTS) -> tuple[str, ...]:
    return writable_layers(root_mount_in(mountinfo), root_mount_in(HOST), facts)


def test_an_overlay_is_written_to_in_its_upper_layer() -> None:
    assert layers_in(OVERLAY) == ("/data/overlay2/x/diff",)


def test_a_relative_upper_layer_is_where_the_runtime_keeps_its_layers() -> None:
    assert layers_in(OVERLAY.replace("upperdir=/data/overlay2/", "upperdir=")) == ("/data/overlay2/x/diff",)


def test_blanks_in_a_path_are_read_as_blanks() -> None:
    assert layers_in(OVERLAY.replace("/data/", "/my\\040data/")) == ("/my data/overlay2/x/diff",)


def test_a_plain_root_directory_is_the_containers_own() -> None:
    assert layers_in(PLAIN) == ("/bundles/one/rootfs",)


@pytest.mark.parametrize(
    "mountinfo", [PLAIN.replace(" / rw,", " / ro,"), OVERLAY.replace(",upperdir=/data/overlay2/x/diff", "")]
)
def test_what_is_read_only_holds_nothing_of_the_containers(mountinfo: str) -> None:
    assert layers_in(mountinfo) == ()


def test_the_last_mount_is_the_one_that_is_seen() -> None:
    assert layers_in(PLAIN + OVERLAY) == ("/data/overlay2/x/diff",)


def test_a_container_that_still_stands_in_the_hosts_root_is_not_read_yet() -> None:
    with pytest.raises(ValueError, match="not entered"):
        layers_in(HOST)


@pytest.mark.parametrize(
    ("mountinfo", "facts"),
    [
        (PLAIN, replace(FACTS, root_directory=None)),
        (PLAIN.replace("ext4", "fuse.fuse-overlayfs"), FACTS),
    ],
)
def test_what_nobody_can_tell_is_no_zero(mountinfo: str, facts: Facts) -> None:
    with pytest.raises(ValueError, match="does not tell"):
        layers_in(mountinfo, facts)
