"""How often somebody may ask: by network address before we know who it is, by API key and by account afterwards.

Answers say what is left, in the headers of draft-ietf-httpapi-ratelimit-headers; beyond it, 429 with `Retry-After`.
Services of ours are not counted, nor are requests that stay in this process.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.types import Scope

from fogbank.kernel.networks import address_place
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.clock import MonotonicClock, monotonic_seconds
from fogbank.runtime.http.guards import Rates
from fogbank.runtime.http.windows import BoundedWindows
from fogbank.runtime.problems import Problem

SIGN_IN_PATHS = ("/api/v1/auth/", "/api/v1/invitations", "/api/v1/users")
SIGN_IN_PAGES = ("/sign-in", "/sign-up", "/reset", "/invitations")
"""Where passwords, codes and one-time tokens can be guessed, and people made: to POST there is counted apart."""

API = "/api/v1/"
DOOR_PATHS = ("/api/v1/auth/", "/api/v1/invitations")
"""Where routes do what whoever comes asks for, whatever credentials they show."""

OPEN = re.compile(
    r"/api/v1/(auth/(jwks\.json|oidc/issuers|sign-ups)|health/status|nodes/(register|[^/]+/keys)|openapi\.json|prices)"
    r"|/api/v1/schemas(/.+)?",
    re.ASCII,
)
"""What whoever comes may read, and where nodes come with proofs of their own."""

TOKENS = "/api/v1/auth/token"
"""Not there: nobody guesses a service's or a session's 256 bits."""

SENDING = re.compile(r"/api/v1/webhooks/.+/(test|replay)", re.ASCII)
"""What makes us send something to somebody's server at once."""

UNCOUNTED_PATHS = frozenset({"/health", "/metrics"})
ADMISSION = "fogbank.admission"
"""Where a request's scope holds its `Admission`."""


@dataclass(frozen=True, slots=True)
class Policy:
    """One limit: its name in headers, and how many in a minute."""

    name: str
    item: RateLimitItem
    described: str
    """As a member of `RateLimit-Policy`."""

    @classmethod
    def per_minute(cls, name: str, requests: int) -> "Policy":
        item = RateLimitItemPerMinute(requests)
        return cls(name, item, f'"{name}";q={requests};w={item.get_expiry()}')


@dataclass(slots=True)
class Admission:
    """What was counted of one request: its scope holds it, and its answer tells the tightest."""

    limits: "RateLimits"
    address: str
    tightest: tuple[Policy, str] | None = None

    def headers(self) -> dict[str, str]:
        """What the answer says of the limit."""
        if self.tightest is None:
            return {}
        policy, who = self.tightest
        left, seconds = self.limits.left(policy, who)
        return {"ratelimit-policy": policy.described, "ratelimit": f'"{policy.name}";r={left};t={seconds}'}


class RateLimits:
    """Counts in the memory of this process."""

    def __init__(self, rates: Rates, clock: MonotonicClock = monotonic_seconds) -> None:
        self._windows = BoundedWindows(clock)
        self._limiter = SlidingWindowCounterRateLimiter(self._windows)
        self.sign_in = Policy.per_minute("sign-in", rates.sign_in)
        self.address = Policy.per_minute("address", rates.address)
        self.pages = Policy.per_minute("pages", rates.caller)
        self.key = Policy.per_minute("key", rates.key)
        self.sending = Policy.per_minute("sending", rates.sending)
        self.account = Policy.per_minute("account", rates.caller)

    def count(self, policy: Policy, who: str) -> None:
        """Count a request; `Problem` 429 when it is one too many."""
        if not self._limiter.hit(policy.item, policy.name, who):
            _, seconds = self.left(policy, who)
            detail = f"Too many requests; there is room again in {seconds} seconds."
            raise Problem(429, "too-many-requests", detail, headers={"retry-after": str(seconds)})

    def left(self, policy: Policy, who: str) -> tuple[int, int]:
        """How many more there may be now, and in how many seconds more."""
        item = policy.item
        return self._windows.left(item.key_for(policy.name, who), item.amount, item.get_expiry())


async def count_arrival(scope: Scope, headers: Mapping[str, str]) -> None:
    """Count a request by its address until it is known who asks; `Problem` 429 when it is one too many.

    Who shows credentials is counted by the route that asks for them. Pages and what is everybody's do not ask: there
    it is done here, so that nobody gets past by showing any.
    """
    if scope["path"] in UNCOUNTED_PATHS:
        return
    if "authorization" not in headers and "x-api-key" not in headers:
        count_address(scope, headers)
    elif is_anybodys(scope["method"], scope["path"]):
        try:
            caller = await scope["app"].state.authenticator.authenticate(headers)
        except Problem:
            count_address(scope, headers)
        else:
            count_caller(scope, caller)


def is_anybodys(method: str, path: str) -> bool:
    """Whether it is answered without asking who comes."""
    is_door = method != "GET" and path.startswith(DOOR_PATHS)
    return is_door or not path.startswith(API) or OPEN.fullmatch(path) is not None


def count_address(scope: Scope, headers: Mapping[str, str]) -> None:
    """Count a request by its address; `Problem` 429 when it is one too many."""
    admission: Admission = scope[ADMISSION]
    limits, place = admission.limits, address_place(admission.address)
    if scope["method"] == "POST" and is_signing_in(scope["path"]):
        policy = limits.sign_in
    else:
        policy = limits.pages if "cookie" in headers else limits.address
    admission.tightest = (policy, place)
    limits.count(policy, place)


def is_signing_in(path: str) -> bool:
    """Whether somebody could guess there."""
    return path != TOKENS and path.startswith(SIGN_IN_PATHS + SIGN_IN_PAGES)


def count_caller(scope: Scope, caller: Caller) -> None:
    """Count a caller's request by their key, if it is one, and by them; `Problem` 429 when it is one too many."""
    admission: Admission | None = scope.get(ADMISSION)
    if admission is None or caller.kind is CallerKind.SERVICE:
        return
    limits = admission.limits
    admission.tightest = (limits.account, caller.id)
    limits.count(limits.account, caller.id)
    if caller.key_id:
        admission.tightest = (limits.key, caller.key_id)
        limits.count(limits.key, caller.key_id)
    if scope["method"] == "POST" and SENDING.fullmatch(scope["path"]):
        admission.tightest = (limits.sending, caller.id)
        limits.count(limits.sending, caller.id)


def count_refused(scope: Scope) -> None:
    """Count credentials that nobody knows, by address: guessing them is limited, and nobody else is locked out."""
    admission: Admission | None = scope.get(ADMISSION)
    if admission is not None:
        admission.tightest = (admission.limits.address, address_place(admission.address))
        admission.limits.count(*admission.tightest)
