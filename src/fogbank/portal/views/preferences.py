"""How somebody wants to be told: a grid of classes and channels, and quiet hours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fogbank.notifications.client import PreferencesView, QuietHoursView

CLASSES = {
    "balance": ("Balance", "Credit that runs low, is used up, or is well again"),
    "thresholds": ("Alerts", "Limits that are reached, and when all is well again"),
    "account": ("Account", "What was switched off, such as a webhook that fails for days"),
}
CHANNELS = (("email", "E-mail"), ("portal", "Portal"))
USUAL_FROM, USUAL_TO = "22:00", "07:00"


@dataclass(frozen=True, slots=True)
class Wish:
    """Whether a class is told by a channel; `name` is that of its field."""

    name: str
    label: str
    is_wanted: bool


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    about: str
    wishes: Sequence[Wish]


@dataclass(frozen=True, slots=True)
class Form:
    """The page's form. `errors` are by field: `quiet`, `timezone`, or empty for all of it."""

    rows: Sequence[Row]
    is_quiet: bool
    from_time: str
    to_time: str
    timezone: str
    errors: Mapping[str, str] = field(default_factory=dict)


def form_of(preferences: PreferencesView, timezone: str, errors: Mapping[str, str] | None = None) -> Form:
    """The form filled in; `timezone` is the browser's, proposed to those without quiet hours."""
    hours = preferences.quiet_hours or QuietHoursView(USUAL_FROM, USUAL_TO, timezone)
    rows = [_row(name, chosen) for name, chosen in preferences.channels.items()]
    is_quiet = preferences.quiet_hours is not None
    return Form(rows, is_quiet, hours.from_time, hours.to_time, hours.timezone, errors or {})


def read_preferences(form: Mapping[str, str]) -> PreferencesView:
    """What the form says, whole. A class is named by a hidden field, so that one without channels is one too."""
    names = [name.removeprefix("class.") for name in form if name.startswith("class.")]
    channels = {name: [channel for channel, _ in CHANNELS if f"{name}.{channel}" in form] for name in names}
    hours = QuietHoursView(form.get("from", ""), form.get("to", ""), form.get("timezone", "").strip())
    return PreferencesView(channels, hours if "quiet" in form else None)


def _row(name: str, chosen: Sequence[str]) -> Row:
    label, about = CLASSES.get(name, (name.capitalize(), ""))
    wishes = [Wish(f"{name}.{channel}", title, channel in chosen) for channel, title in CHANNELS]
    return Row(label, about, wishes)
