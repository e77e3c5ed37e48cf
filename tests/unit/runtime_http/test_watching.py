"""docs/watching.md names every figure that a process of ours shows."""

import re
from pathlib import Path

HOUSE = Path(__file__).parents[3]
FIGURE = re.compile(r'"(fogbank_[a-z_]+)"')


def test_every_figure_is_on_the_page() -> None:
    sources = [path.read_text() for path in (HOUSE / "src").rglob("*.py")]
    figures = {name for text in sources if "prometheus_client" in text for name in FIGURE.findall(text)}
    assert len(figures) > 10
    page = (HOUSE / "docs/watching.md").read_text()
    assert {name for name in figures if f"| `{name}" not in page} == set()
