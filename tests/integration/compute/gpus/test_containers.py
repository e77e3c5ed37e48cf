"""Each runtime writes down, in its own place, which GPUs a container was given."""

import json
from pathlib import Path
from typing import Any

from fogbank.compute.agent.collectors.containers.docker import Docker
from fogbank.compute.agent.collectors.containers.model import Seen
from fogbank.compute.agent.collectors.containers.oci import facts_in_bundle
from fogbank.compute.agent.collectors.containers.runc import Runc
from fogbank.compute.agent.collectors.containers.tree import CgroupTree

ID = "c" * 64
SEEN = Seen(ID, f"/docker/{ID}", 1)
GIVEN: dict[str, Any] = {
    "process": {"env": ["NVIDIA_VISIBLE_DEVICES=GPU-a"]},
    "hooks": {"prestart": [{"path": "/usr/bin/nvidia-container-runtime-hook"}]},
}


def write(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def test_a_specification_tells(tmp_path: Path) -> None:
    write(tmp_path / "config.json", GIVEN)
    assert facts_in_bundle(tmp_path).gpus == "GPU-a"


def test_docker_leaves_its_specification_with_containerd(tmp_path: Path) -> None:
    write(tmp_path / "containers" / ID / "config.v2.json", {"Config": {"Labels": {}}, "MountPoints": {}})
    docker = Docker(CgroupTree(str(tmp_path)), tmp_path, [tmp_path / "one", tmp_path / "moby"])
    assert docker.facts_of(SEEN).gpus == ""
    write(tmp_path / "moby" / ID / "config.json", GIVEN)
    assert docker.facts_of(SEEN).gpus == "GPU-a"


def test_runc_remembers_the_bundle_and_may_outlive_it(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    config = {"rootfs": "/", "labels": [f"bundle={bundle}"]}
    write(tmp_path / ID / "state.json", {"config": config, "cgroup_paths": {}})
    runc = Runc(str(tmp_path), tmp_path)
    assert runc.facts_of(SEEN).gpus == ""
    write(bundle / "config.json", GIVEN)
    assert runc.facts_of(SEEN).gpus == "GPU-a"
