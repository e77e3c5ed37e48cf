"""Brings htmx into the package when it is built: nothing vendored in the repository, no Node, no CDN.

`django-htmx` is a build requirement only; its wheel carries htmx's own files, which are copied to a git-ignored folder.
"""

from importlib.util import find_spec
from pathlib import Path
from shutil import copyfile
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FILES = {"htmx-4.min.js": "htmx.min.js", "ext/hx-sse-4.min.js": "hx-sse.min.js"}
TARGET = "src/fogbank/portal/static/lib"


class HtmxBuildHook(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        spec = find_spec("django_htmx")
        if spec is None or spec.origin is None:
            raise RuntimeError(
                "django-htmx is missing from the build environment; it is named in build-system.requires"
            )
        source = Path(spec.origin).parent / "static" / "django_htmx"
        target = Path(self.root) / TARGET
        target.mkdir(parents=True, exist_ok=True)
        for name, copied_as in FILES.items():
            copyfile(source / name, target / copied_as)
        build_data["artifacts"].append(f"{TARGET}/*.js")
