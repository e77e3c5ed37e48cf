"""Whose cgroup it is, by its name alone, in every layout that runtimes make."""

import pytest

from fogbank.compute.agent.collectors.containers.names import Named, container_named
from fogbank.compute.agent.collectors.containers.processes import cpu_cgroup_in, cut_behind

ID = "0123456789abcdef" * 4
V1 = f"12:memory:/docker/{ID}\n4:cpu,cpuacct:/docker/{ID}\n1:name=systemd:/docker/{ID}\n0::/docker.service\n"


@pytest.mark.parametrize(
    ("cgroup", "named"),
    [
        (f"docker-{ID}.scope", Named("docker", ID)),
        (f"libpod-{ID}.scope", Named("podman", ID)),
        (f"libpod-{ID}", Named("podman", ID)),
        (ID, Named(None, ID)),
    ],
)
def test_a_container_is_known_by_the_name_of_its_cgroup(cgroup: str, named: Named) -> None:
    assert container_named(cgroup) == named


@pytest.mark.parametrize(
    "cgroup",
    ["docker.service", "docker", f"libpod-conmon-{ID}.scope", f"crio-{ID}.scope", ID[1:], ID.upper(), f"{ID}0", ""],
)
def test_other_cgroups_are_no_containers(cgroup: str) -> None:
    assert container_named(cgroup) is None


def test_a_process_is_where_cpu_is_accounted_for() -> None:
    assert cpu_cgroup_in(V1) == f"/docker/{ID}"
    assert cpu_cgroup_in("0::/default/one\n") == "/default/one"
    with pytest.raises(ValueError, match="no cgroup"):
        cpu_cgroup_in("1:name=systemd:/\n")


def test_a_process_that_went_further_down_is_still_its_containers() -> None:
    assert cut_behind("/default/one", "one") == "/default/one"
    assert cut_behind("/default/one/init.scope", "one") == "/default/one"


@pytest.mark.parametrize("path", ["/", "/default", "/default/one-more", "/system.slice/ssh.service"])
def test_a_process_elsewhere_is_another_one_with_its_number(path: str) -> None:
    with pytest.raises(ProcessLookupError):
        cut_behind(path, "one")
