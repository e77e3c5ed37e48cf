"""A container was given the GPUs that its runtime gave it, and not those that it or its image speaks of."""

import json
from typing import Any

import msgspec
import pytest

from fogbank.compute.agent.collectors.gpus.specification import GpuSpecification

HOOKS = {"prestart": [{"path": "/usr/bin/nvidia-container-runtime-hook"}], "poststop": None}
ALL = ["PATH=/bin", "NVIDIA_VISIBLE_DEVICES=all"]
FILES = [{"path": path} for path in ("/dev/null", "/dev/nvidiactl", "/dev/nvidia1", "/dev/nvidia0", "/dev/nvidia-uvm")]


@pytest.mark.parametrize(
    ("specification", "names"),
    [
        ({}, ""),
        ({"process": {"env": ALL}}, ""),
        ({"process": {"env": ALL}, "hooks": {"prestart": [{"path": "/usr/bin/other"}]}}, ""),
        ({"process": {"env": ALL}, "hooks": HOOKS}, "all"),
        ({"process": {"env": [*ALL, "NVIDIA_VISIBLE_DEVICES=GPU-a"]}, "hooks": HOOKS}, "GPU-a"),
        ({"process": {}, "hooks": HOOKS}, ""),
        ({"process": {"env": ALL}, "linux": {"devices": FILES}}, "/dev/nvidia0,/dev/nvidia1"),
        ({"linux": {"devices": None}, "hooks": None}, ""),
    ],
)
def test_gpus_are_those_that_the_runtime_gives(specification: dict[str, Any], names: str) -> None:
    assert msgspec.json.decode(json.dumps(specification), type=GpuSpecification).gpu_names() == names
