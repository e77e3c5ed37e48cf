"""The page about scale shows what its script computes, and names every setting that it is about."""

import runpy
from dataclasses import fields
from pathlib import Path

from fogbank.runtime.settings import QueueSettings, UsageSettings

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "scale.md").read_text()


def test_the_table_is_what_the_script_computes() -> None:
    assert runpy.run_path(str(ROOT / "scripts" / "scale.py"))["tables"]() in PAGE


def test_every_setting_of_scale_is_named() -> None:
    of_up = {"queue.open_to", "queue.port"}  # Of the one queue that `up` runs: docs/nodes.md has them.
    queue = {f"queue.{each.name}" for each in fields(QueueSettings)} - {"queue.user", "queue.password"} - of_up
    usage = {f"usage.{each.name}" for each in fields(UsageSettings) if each.name.startswith(("click", "clus", "work"))}
    assert all(f"`{name}`" in PAGE for name in queue | usage)
