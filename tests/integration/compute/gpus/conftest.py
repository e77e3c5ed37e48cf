"""GPUs that do not exist, behind a real shared library: the one that NVIDIA's Python module loads."""

import ctypes
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.tools import needs_module, needs_tool

SONAME = "libnvidia-ml.so.1"
LOST = 999
"""NVML_ERROR_UNKNOWN."""


class FakeNvml:
    """What the library is told of its GPUs."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library

    def has(self, *, gpus: int, parts_of_the_last: int = 0, busy_percent: int = 0) -> None:
        for name, value in (("gpus", gpus), ("parts", parts_of_the_last), ("busy", busy_percent)):
            self._set(name, value)

    def fails(self, error: int) -> None:
        self._set("error", error)

    def hangs(self, is_hanging: bool) -> None:
        self._set("hangs", int(is_hanging))

    def _set(self, name: str, value: int) -> None:
        ctypes.c_int.in_dll(self._library, f"fake_{name}").value = value


@pytest.fixture(scope="session")
def fake_library(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    """Loaded before NVIDIA's module asks for it by name, it is what that module gets."""
    gcc = needs_tool("gcc")
    needs_module("pynvml")
    built = tmp_path_factory.mktemp("nvml") / SONAME
    source = Path(__file__).with_name("fake_nvml.c")
    subprocess.run([gcc, "-shared", "-fPIC", f"-Wl,-soname,{SONAME}", "-o", built, source], check=True)
    return ctypes.CDLL(str(built))


@pytest.fixture
def fake_nvml(fake_library: ctypes.CDLL) -> Iterator[FakeNvml]:
    fake = FakeNvml(fake_library)
    fake.has(gpus=2)
    yield fake
    fake.hangs(is_hanging=False)
    fake.fails(0)
