"""How instances name the GPUs that they hold, as NVIDIA's container runtime reads it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogbank.compute.agent.collectors.gpus.model import Gpu, NoSuchGpu, devices_named

GPUS = [Gpu("GPU-a", minor=1), Gpu("GPU-b", minor=0), Gpu("GPU-c", minor=2, parts=("MIG-1", "MIG-2"))]


@pytest.mark.parametrize(
    ("names", "devices"),
    [
        ("", set()),
        ("none", set()),
        ("void", set()),
        ("0", {"GPU-a"}),
        ("GPU-b, 0", {"GPU-a", "GPU-b"}),
        ("GPU-a,0,all", {"GPU-a", "GPU-b", "MIG-1", "MIG-2"}),
        ("2", {"MIG-1", "MIG-2"}),
        ("2:1", {"MIG-2"}),
        ("MIG-1", {"MIG-1"}),
        ("/dev/nvidia0,/dev/nvidia1", {"GPU-b", "GPU-a"}),
    ],
)
def test_names_mean_devices(names: str, devices: set[str]) -> None:
    assert devices_named(names, GPUS) == devices


@pytest.mark.parametrize(
    "names", ["3", "GPU-z", "MIG-9", "2:2", "0:0", "2:x", "GPU", "-1", "0,GPU-z", "/dev/nvidia2", "/dev/nvidia9"]
)
def test_a_name_that_nobody_knows_is_refused(names: str) -> None:
    with pytest.raises(NoSuchGpu):
        devices_named(names, GPUS)


@given(st.text())
def test_any_text_is_devices_that_are_here_or_refused(names: str) -> None:
    try:
        found = devices_named(names, GPUS)
    except NoSuchGpu:
        return
    assert found <= {"GPU-a", "GPU-b", "MIG-1", "MIG-2"}
