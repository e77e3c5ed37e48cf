"""docs/notifications.md names every setting, metric, state and class there is, and its example is one that is taken."""

import re
from dataclasses import fields
from pathlib import Path

import msgspec
from pydantic import TypeAdapter

from fogbank.notifications import counters
from fogbank.notifications.api import NewPreferences
from fogbank.notifications.messages.counters import MESSAGES_ENDED, MESSAGES_WAITING
from fogbank.notifications.model import DeliveryState, EventClass, EventType
from fogbank.runtime.settings import NotificationsSettings, SmtpSettings

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "notifications.md").read_text()
README = (ROOT / "src" / "fogbank" / "notifications" / "README.md").read_text()


def test_every_setting_is_there() -> None:
    for group, kind in (("smtp", SmtpSettings), ("notifications", NotificationsSettings)):
        assert all(f"`{group}.{setting.name}`" in TEXT for setting in fields(kind))


def test_every_figure_is_there() -> None:
    figures = [counters.NOTICES_WRITTEN, counters.EMAILS_ENDED, counters.EMAILS_WAITING]
    figures += [MESSAGES_ENDED, MESSAGES_WAITING]
    assert all(metric.name in TEXT for figure in figures for metric in figure.describe())


def test_every_state_class_and_event_is_there() -> None:
    assert all(f"| `{state}` |" in TEXT for state in DeliveryState)
    assert all(f'"{name}"' in TEXT for name in EventClass)
    assert all(f"`{event_type}`" in README for event_type in EventType)


def test_the_example_of_preferences_is_taken() -> None:
    [example] = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)
    wanted = TypeAdapter(NewPreferences).validate_python(msgspec.json.decode(example))
    assert set(wanted.channels) == set(EventClass)
    assert wanted.quiet_hours is not None
