"""The bell: how many notices nobody has looked at yet."""

from dataclasses import dataclass

from fogbank.notifications.client import UnreadView
from fogbank.portal.views.missing import Missing

SHOWN_MAX = 99


@dataclass(frozen=True, slots=True)
class Bell:
    """`text` stands on the bell, empty for none; `label` is what is heard."""

    text: str
    label: str


SILENT = Bell("", "No unread notices")


def bell_of(unread: UnreadView | Missing) -> Bell | None:
    """What the bell shows; `None` while that is not known."""
    if isinstance(unread, Missing):
        return None
    if unread.count == 0:
        return SILENT
    text = f"{SHOWN_MAX}+" if unread.is_more or unread.count > SHOWN_MAX else str(unread.count)
    return Bell(text, f"{text} unread notice{'' if text == '1' else 's'}")
