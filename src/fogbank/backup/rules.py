"""Whether this Fogbank can restore that backup. Pure."""

from collections.abc import Mapping

from fogbank.backup.model import FORMAT, Manifest


def why_not(manifest: Manifest, fogbank: str, postgres: str, schemas: Mapping[str, str]) -> str | None:
    """Why a Fogbank of this version, with this PostgreSQL and these migrations, cannot restore it; None where it can.

    A newer Fogbank can: it migrates at its next start. An older one would not know what it sees.
    """
    if manifest.format > FORMAT or _numbers(manifest.fogbank) > _numbers(fogbank):
        return f"it was made by Fogbank {manifest.fogbank}, and this is {fogbank}: install that version, or a newer one"
    unknown = [name for name, version in manifest.schemas.items() if version > schemas.get(name, "")]
    if unknown:
        return f"its database is newer than this Fogbank knows ({', '.join(unknown)}): install the Fogbank it came from"
    major, ours = _numbers(manifest.postgres)[:1], _numbers(postgres)[:1]
    if major != ours:
        return f"it holds files of PostgreSQL {manifest.postgres}, and this Fogbank brings {postgres}"
    return None


def _numbers(version: str) -> tuple[int, ...]:
    """`0.10.2` as numbers; what follows the first part that is none (`0.10.2.dev1`) does not count."""
    numbers = []
    for part in version.split("."):
        if not part.isdigit():
            break
        numbers.append(int(part))
    return tuple(numbers)
