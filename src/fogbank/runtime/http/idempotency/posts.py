"""Around every POST of an API: under a key it is done once, whatever is repeated, at once or later, or crashes."""

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

import psycopg
import structlog
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fogbank.runtime.auth import Authenticator, Caller, CallerKind
from fogbank.runtime.claims import Claim, claiming
from fogbank.runtime.http.idempotency.capture import Capture, messages_of, problem_type
from fogbank.runtime.http.idempotency.describing import ANSWERED_ANEW, API, HEADER
from fogbank.runtime.http.idempotency.keeping import Found, Keeping
from fogbank.runtime.http.idempotency.model import Record
from fogbank.runtime.http.idempotency.rules import Fate, fate_of, is_key, parameters_digest, record_id, who_asks
from fogbank.runtime.http.problems import problem_response
from fogbank.runtime.http.rate_limits import count_caller
from fogbank.runtime.problems import Problem

log = structlog.get_logger(__name__)

WAIT_SECONDS = 5.0
"""How long a repeat waits for the request that is being done."""

SERVICES_LOST_AFTER = timedelta(minutes=15)
"""No service of ours waits longer for another one."""

LOOK_AGAIN_SECONDS = 0.1
"""How often it looks whether another process is done."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request under a key; `caller` is None where it shows no credentials."""

    record_id: bytes
    caller: Caller | None
    parameters: str
    body: bytes


@dataclass(slots=True)
class IdempotentPosts:
    """Keeps answers in `keeping`. `own` gives the templates of routes that keep to the header in their own way.

    A request that is not answered after `lost_after` never will be.
    """

    app: ASGIApp
    keeping: Keeping
    own: Callable[[], Sequence[str]]
    lost_after: timedelta
    _running: dict[bytes, asyncio.Event] = field(default_factory=dict)
    _own: Sequence[re.Pattern[str]] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = self._key(scope)
        if key is None:
            await self.app(scope, receive, send)
            return
        try:
            asked = await self._asked(scope, receive, key)
            if asked is None:
                await self.app(scope, receive, send)
            else:
                await self._answer(asked, scope, receive, send)
        except Problem as problem:
            await problem_response(problem)(scope, receive, send)

    def _key(self, scope: Scope) -> str | None:
        if scope["type"] != "http" or scope["method"] != "POST" or not scope["path"].startswith(API):
            return None
        key = Headers(scope=scope).get(HEADER)
        if key is None or ANSWERED_ANEW.fullmatch(scope["path"]) or self._has_own(scope["path"]):
            return None
        return key

    def _has_own(self, path: str) -> bool:
        if self._own is None:
            self._own = [compile_path(each)[0] for each in self.own()]
        return any(pattern.match(path) for pattern in self._own)

    async def _asked(self, scope: Scope, receive: Receive, key: str) -> Asked | None:
        """The request, read; None where its credentials are none, which the route itself says."""
        if not is_key(key):
            fault = {"field": f"header.{HEADER}", "reason": "must be 1 to 255 printable characters of ASCII"}
            detail = f"{HEADER} {fault['reason']}; a random UUID is a good one."
            raise Problem(422, "invalid-request", detail, extra={"errors": [fault]})
        headers, caller = Headers(scope=scope), None
        if "authorization" in headers or "x-api-key" in headers:
            authenticator: Authenticator = scope["app"].state.authenticator
            try:
                caller = await authenticator.authenticate(headers)
            except Problem:
                return None
        body = await _read(receive)
        parameters = parameters_digest(scope["query_string"], headers.get("content-type", ""), body)
        asker = "" if caller is None else who_asks(caller)
        return Asked(record_id(asker, scope["method"], scope["path"], key), caller, parameters, body)

    async def _answer(self, asked: Asked, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from what is kept, or wait for who is at it, or do it; whoever was first, once."""
        until = asyncio.get_running_loop().time() + WAIT_SECONDS
        is_counted = False
        while True:
            found = await self.keeping.find(asked.record_id, asked.parameters)
            is_running = asked.record_id in self._running
            if found is None and not is_running:
                if await self._do(asked, scope, receive, send):  # its route counts it
                    return
            else:
                if not is_counted and asked.caller is not None:
                    count_caller(scope, asked.caller)
                if found is not None and await _is_answered_by(found, send):
                    return
                if found is not None and not is_running and self._is_lost(found, asked):
                    raise answer_lost(found)
                await self._wait(asked.record_id, until)
            is_counted = True

    def _is_lost(self, found: Found, asked: Asked) -> bool:
        """Whether nobody is at it any more: what services ask for is not cut, so it is given longer."""
        is_service = asked.caller is not None and asked.caller.kind is CallerKind.SERVICE
        lost_after = max(self.lost_after, SERVICES_LOST_AFTER) if is_service else self.lost_after
        return self.keeping.clock() - found.record.claimed_at >= lost_after

    async def _wait(self, id_: bytes, until: float) -> None:
        """Wait for the one that is at it, here or elsewhere; `Problem` 409 where there is no time to look again."""
        loop, running = asyncio.get_running_loop(), self._running.get(id_)
        if running is None:
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
            if loop.time() >= until:
                raise in_progress()
            return
        try:
            async with asyncio.timeout_at(until):
                await running.wait()
        except TimeoutError:
            raise in_progress() from None

    async def _do(self, asked: Asked, scope: Scope, receive: Receive, send: Send) -> bool:
        """Do it and keep its answer; False, with nothing done, where another process has claimed the key."""
        done = self._running[asked.record_id] = asyncio.Event()
        record = self.keeping.new_record(asked.record_id, asked.caller.id if asked.caller else "", asked.parameters)
        claim = Claim(partial(self.keeping.claim, record))
        capture = Capture(send)
        try:
            with claiming(claim):
                await self.app(scope, _again(asked.body, receive), capture.take)
            if claim.is_refused:
                return False
            await self._keep(record, asked.parameters, capture)
            await capture.pass_on()
        finally:
            del self._running[asked.record_id]
            done.set()
        return True

    async def _keep(self, record: Record, parameters: str, capture: Capture) -> None:
        answer = capture.answer()
        if answer is None:
            return
        fate = fate_of(answer.status, problem_type(answer))
        try:
            if fate is Fate.KEPT:
                await self.keeping.keep(record, parameters, answer)
            elif fate is Fate.RELEASED:
                await self.keeping.release(record)
        except psycopg.Error:  # what was done is done: who asked is told so, and a repeat finds the claim
            log.warning("an answer could not be kept", record=record.id.hex(), exc_info=True)


async def _is_answered_by(found: Found, send: Send) -> bool:
    """Whether there is an answer, which is given again; `Problem` 422 to another request under the same key."""
    if not found.is_same:
        raise reused()
    if found.answer is None:
        return False
    for message in messages_of(found.answer):
        await send(message)
    return True


async def _read(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        try:
            message = await receive()
        except HTTPException as error:  # the limit on bodies
            raise Problem(error.status_code, "body-too-large", str(error.detail)) from None
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return bytes(body)


def _again(body: bytes, receive: Receive) -> Receive:
    """Gives the body that was read, and then what else the connection tells."""
    is_given = False

    async def receive_again() -> Message:
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again


def reused() -> Problem:
    """422, as the draft says, for a key that was used with other parameters."""
    detail = f"This {HEADER} was used for another request; give each request a key of its own."
    return Problem(422, "idempotency-key-reused", detail)


def in_progress() -> Problem:
    """409, as the draft says, for a repeat while the first is being done."""
    detail = "The same request is still being done; repeat it a little later under the same key."
    return Problem(409, "request-in-progress", detail, headers={"retry-after": "2"})


def answer_lost(found: Found) -> Problem:
    """409, for what was committed by a process that ended before it answered."""
    at = found.record.claimed_at.isoformat()
    detail = "This request was done, or partly, but its answer was lost; look what there is, then use a new key."
    return Problem(409, "answer-lost", detail, extra={"at": at})
