"""What one stream has told already, so that it tells only what is new."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec

from fogbank.portal.formats import Formats
from fogbank.portal.service import LiveFacts
from fogbank.portal.views.bell import Bell
from fogbank.portal.views.live import Costs, costs_state, spoken, texts_of

SPEAK_EVERY = timedelta(minutes=1)
BEAT_EVERY = timedelta(seconds=15)
"""A line now and then keeps proxies from closing a stream that has nothing to say."""

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
BEAT = b":\n\n"
BELL_PREFIX = "bell-"


@dataclass(slots=True)
class Watch:
    """Compares each look with the one before. `bell` is what the page showed when it was made."""

    bell: str = ""
    _texts: dict[str, str] = field(default_factory=dict)
    _costs: Costs | None = None
    _told_at: datetime = LONG_AGO
    _spoken_at: datetime = LONG_AGO

    def changes(self, facts: LiveFacts | None, bell: Bell | None, formats: Formats, now: datetime) -> Iterator[bytes]:
        """The events to send after this look; `facts` are None on pages that show no figures."""
        if bell is not None and bell.text != self.bell:
            self.bell = bell.text
            yield bell_id(bell) + self._told("notices-changed", msgspec.json.encode(bell).decode(), now)
        if facts is not None:
            yield from self._figures(facts, formats, now)
        if now - self._told_at >= BEAT_EVERY:
            yield BEAT
            self._told_at = now

    def _figures(self, facts: LiveFacts, formats: Formats, now: datetime) -> Iterator[bytes]:
        texts = texts_of(facts, formats)
        new = {name: text for name, text in texts.items() if self._texts.get(name) != text}
        self._texts |= new
        if new:
            yield self._told("figures", msgspec.json.encode(new).decode(), now)
        if self._has_moved(facts):
            yield event_of("cost-changed", "")
        if now - self._spoken_at >= SPEAK_EVERY and (sentence := spoken(texts, now, formats)):
            yield event_of("said", sentence)
            self._spoken_at = now

    def _told(self, name: str, data: str, now: datetime) -> bytes:
        self._told_at = now
        return event_of(name, data)

    def _has_moved(self, facts: LiveFacts) -> bool:
        """Whether costs differ from the look before. The first look has nothing to differ from: the page is new."""
        costs, before = costs_state(facts), self._costs
        self._costs = costs or before
        return None not in (costs, before) and costs != before


def event_of(name: str, data: str) -> bytes:
    """One server-sent event; `data` is one line."""
    return f"event: {name}\ndata: {data}\n\n".encode()


def bell_id(bell: Bell) -> bytes:
    """The event's id: by it, a browser that comes back says what its page shows."""
    return f"id: {BELL_PREFIX}{bell.text}\n".encode()


def shown_bell(last_event_id: str, when_made: str) -> str:
    """What the page shows: what it was told last, or else what was on it when it was made."""
    return last_event_id.removeprefix(BELL_PREFIX) if last_event_id.startswith(BELL_PREFIX) else when_made
