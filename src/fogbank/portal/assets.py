"""Static files: read once, joined into few, compressed once, and named by their content so browsers keep them for ever.

The readable sources stay small and apart; a page asks for one style sheet and one script.
"""

import gzip
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent / "static"

FRAME = ("tokens", "base", "controls", "forms", "shell", "cards", "table")
CSS = (
    *FRAME,
    "chart",
    "notices",
    "alerts",
    "webhooks",
    "settings",
    "organization",
    "activity",
    "credit",
    "palette",
    "door",
    "print",
)
LIB = ("htmx.min", "hx-sse.min")
OURS = ("preferences", "menus", "live", "bell", "chart", "palette", "passkeys", "copying", "door")
JS = (*(f"lib/{name}" for name in LIB), *(f"js/{name}" for name in OURS))
"""htmx and ours in one: it starts when its script has run, and by then ours must be listening."""

MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}

HASH_CHARACTERS = 12


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is sent: plain, and compressed."""

    media_type: str
    plain: bytes
    gzipped: bytes


class AssetMissing(Exception):
    """A file the pages need is not in the package."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path.name} is missing from the portal's static files; build the package to bring it.")
        self.path = path


@dataclass(frozen=True, slots=True)
class Assets:
    """All files by name, and the digest of all of them, which stands in their addresses."""

    by_name: Mapping[str, Asset]
    digest: str

    def url(self, name: str) -> str:
        """Where a page finds `name`; it changes with any file's content."""
        if name not in self.by_name:
            raise KeyError(name)
        return f"/static/{self.digest}/{name}"


def load_assets(root: Path = ROOT) -> Assets:
    """Read and join everything; refuses to start without a file that a page would miss later."""
    contents = {
        "app.css": _joined([root / "css" / f"{name}.css" for name in CSS]),
        "app.js": _joined([root / f"{name}.js" for name in JS]),
        "icons.svg": _read(root / "icons.svg"),
        "logo.svg": _read(root / "logo.svg"),
    }
    digest = hashlib.sha256(b"\0".join(contents.values())).hexdigest()[:HASH_CHARACTERS]
    return Assets({name: _asset(name, content) for name, content in contents.items()}, digest)


def _asset(name: str, content: bytes) -> Asset:
    # No time in the gzip header: the same sources give the same bytes.
    return Asset(MEDIA_TYPES[Path(name).suffix], content, gzip.compress(content, compresslevel=9, mtime=0))


def _joined(paths: Sequence[Path]) -> bytes:
    return b"\n".join(_read(path) for path in paths)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise AssetMissing(path) from None
