"""A GPU that a guest has whole is found behind the VFIO files its process holds, and nothing else is taken for one."""

from pathlib import Path

from fogbank.compute.agent.collectors.gpus.passed import gpus_behind


def pci_device(sys: Path, address: str, vendor: str, kind: str) -> Path:
    device = sys / "bus/pci/devices" / address
    device.mkdir(parents=True)
    (device / "vendor").write_text(f"{vendor}\n")
    (device / "class").write_text(f"{kind}\n")
    return device


def in_group(sys: Path, group: str, device: Path) -> None:
    members = sys / "kernel/iommu_groups" / group / "devices"
    members.mkdir(parents=True, exist_ok=True)
    (members / device.name).symlink_to(device)


def test_the_gpus_of_a_group_count_and_their_sound_does_not(tmp_path: Path) -> None:
    in_group(tmp_path, "12", pci_device(tmp_path, "0000:65:00.0", "0x10de", "0x030200"))
    in_group(tmp_path, "12", pci_device(tmp_path, "0000:65:00.1", "0x10de", "0x040300"))
    in_group(tmp_path, "13", pci_device(tmp_path, "0000:66:00.0", "0x8086", "0x020000"))
    files = ["/dev/vfio/vfio", "/dev/vfio/12", "/dev/vfio/13"]
    assert gpus_behind(files, tmp_path) == {"0000:65:00.0"}


def test_a_gpu_is_found_by_its_own_file_too(tmp_path: Path) -> None:
    device = pci_device(tmp_path, "0000:65:00.0", "0x10de", "0x030000")
    (tmp_path / "class/vfio-dev/vfio3").mkdir(parents=True)
    (tmp_path / "class/vfio-dev/vfio3/device").symlink_to(device)
    assert gpus_behind(["/dev/vfio/devices/vfio3"], tmp_path) == {"0000:65:00.0"}
