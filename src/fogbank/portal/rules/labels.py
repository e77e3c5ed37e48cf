"""Labels as people type them: `key=value`, one a line. What accounts take, said in their words."""

import re
from collections.abc import Mapping

LABELS_MAX = 16
KEY = re.compile(r"[a-z0-9][a-z0-9_.-]{0,62}", re.ASCII)
VALUE = re.compile(r"[^\x00-\x1f\x7f]{0,63}")


class NotLabels(Exception):
    """What was typed are no labels; `reason` says what to do."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def labels_of(text: str) -> dict[str, str]:
    """The labels in `text`; raises `NotLabels`."""
    labels: dict[str, str] = {}
    for line in filter(None, (line.strip() for line in text.split("\n"))):
        key, is_pair, value = (part.strip() for part in line.partition("="))
        if not is_pair or not KEY.fullmatch(key):
            raise NotLabels(f"Write “{line}” as key=value, the key in lower-case letters, digits and _ . -")
        if not VALUE.fullmatch(value):
            raise NotLabels(f"The value of “{key}” is longer than 63 characters.")
        if key in labels:
            raise NotLabels(f"“{key}” is there twice; an instance has each label once.")
        labels[key] = value
    if len(labels) > LABELS_MAX:
        raise NotLabels(f"These are {len(labels)} labels; an instance has {LABELS_MAX} at most.")
    return labels


def text_of(labels: Mapping[str, str]) -> str:
    """The same back, one a line."""
    return "\n".join(f"{key}={value}" for key, value in sorted(labels.items()))
