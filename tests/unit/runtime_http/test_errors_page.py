"""docs/errors.md has every kind of problem that our code answers with, and its status."""

import runpy
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_every_kind_of_problem_is_on_the_page() -> None:
    kinds = runpy.run_path(str(ROOT / "scripts" / "errors.py"))["kinds"]()
    assert len(kinds) > 100
    page = (ROOT / "docs" / "errors.md").read_text()
    missing = [each.name for each in kinds if f"| `{each.name}` | {each.status} | " not in page]
    assert missing == [], "`python scripts/errors.py` prints the page anew"
