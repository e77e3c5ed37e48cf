"""Words of the command line that several of usage's commands read alike."""

from datetime import UTC, datetime

from fogbank.cli.failures import Refused
from fogbank.cli.terminal import MISUSED


def instant_of_option(option: str, text: str) -> datetime:
    """An instant, in UTC where no zone is said; `Refused` names the option that has none."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        example = "2026-11-20T06:00:30"
        raise Refused(f"{option} is '{text}' and must be a day or an instant, such as {example}.", MISUSED) from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
