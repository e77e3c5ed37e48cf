"""How one browser wants its pages: locale and time zone of its person, and the colour theme it chose."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from babel import Locale, UnknownLocaleError
from fastapi import Request

from fogbank.portal.formats import ENGLISH, Formats

THEME_COOKIE = "fogbank-theme"
TIMEZONE_COOKIE = "fogbank-timezone"
THEMES = frozenset({"system", "light", "dark"})

AREAS = frozenset({"Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"})

LANGUAGES_MAX = 8
"""How many of a browser's languages are looked at."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """What a page needs to know of the browser it is made for."""

    formats: Formats
    theme: str


def viewer_of(request: Request, currency: str) -> Viewer:
    """Read it from the request; what is missing or nonsense becomes British English, UTC and the device's theme."""
    theme = request.cookies.get(THEME_COOKIE, "system")
    locale = locale_of(request.headers.get("accept-language", ""))
    timezone = timezone_of(request.cookies.get(TIMEZONE_COOKIE, "UTC"))
    return Viewer(Formats(locale, timezone, currency), theme if theme in THEMES else "system")


def timezone_of(name: str) -> ZoneInfo:
    """The time zone of that name (of the IANA database), or UTC."""
    try:
        return ZoneInfo(name.replace("%2F", "/"))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


@cache
def timezones() -> Sequence[str]:
    """The names to offer to people: those of places, and UTC."""
    return sorted(name for name in available_timezones() if name == "UTC" or name.partition("/")[0] in AREAS)


def locale_of(accept_language: str) -> Locale:
    """The first language of the header that we have figures for (RFC 9110, 12.5.4), or British English."""
    return next(_known_locales(accept_language), ENGLISH)


def _known_locales(accept_language: str) -> Iterator[Locale]:
    tags = [part.strip().partition(";q=") for part in accept_language.split(",")[:LANGUAGES_MAX]]
    for tag, _, _ in sorted(tags, key=_quality, reverse=True):
        try:
            yield Locale.parse(tag.strip(), sep="-")
        except (UnknownLocaleError, ValueError, TypeError):
            continue


def _quality(tag: tuple[str, str, str]) -> float:
    try:
        return float(tag[2] or 1)
    except ValueError:
        return 0.0
