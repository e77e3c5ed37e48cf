"""An answer as it leaves a route, held back until it is kept."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec
from starlette.datastructures import Headers
from starlette.types import Message, Send

from fogbank.runtime.http.idempotency.model import Answer
from fogbank.runtime.problems import PROBLEM_JSON

KEPT_BYTES_MAX = 1024 * 1024
KEPT_HEADERS = ("content-type", "location", "link", "etag")
"""What belongs to an answer; the rest is said anew each time."""


@dataclass(slots=True)
class Capture:
    """Takes the messages of an answer. One that is larger than we keep goes on its way as it comes."""

    send: Send
    held: list[Message] = field(default_factory=list)
    size: int = 0
    is_passed_on: bool = False

    async def take(self, message: Message) -> None:
        """Hold a message, or pass it on where there is too much of them."""
        self.size += len(message.get("body", b""))
        self.held.append(message)
        if self.is_passed_on or self.size > KEPT_BYTES_MAX:
            self.is_passed_on = True
            await self.pass_on()

    async def pass_on(self) -> None:
        """Send what is held."""
        held, self.held = self.held, []
        for message in held:
            await self.send(message)

    def answer(self) -> Answer | None:
        """The whole answer; None where there is none, or too much of it."""
        if self.is_passed_on or not self.held or self.held[0]["type"] != "http.response.start":
            return None
        headers = Headers(raw=self.held[0]["headers"])
        kept = [(name, headers[name]) for name in KEPT_HEADERS if name in headers]
        return Answer(self.held[0]["status"], kept, b"".join(each.get("body", b"") for each in self.held[1:]))


def problem_type(answer: Answer) -> str:
    """The type of the problem that it is; empty for what is none."""
    if not dict(answer.headers).get("content-type", "").startswith(PROBLEM_JSON):
        return ""
    return str(msgspec.json.decode(answer.body).get("type", ""))


def messages_of(answer: Answer) -> Sequence[Message]:
    """An answer again, marked as one that was given before."""
    length, replayed = ("content-length", str(len(answer.body))), ("idempotency-replayed", "true")
    headers = [(name.encode(), value.encode("latin-1")) for name, value in (*answer.headers, length, replayed)]
    start = {"type": "http.response.start", "status": answer.status, "headers": headers}
    return [start, {"type": "http.response.body", "body": answer.body}]
