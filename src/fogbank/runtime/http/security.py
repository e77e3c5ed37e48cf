"""What browsers are told and asked, so that a page of ours stays ours.

No page has inline script or style: everything comes from our own origin, which is what the policy says.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from fogbank.runtime.http.problems import problem_response
from fogbank.runtime.problems import Problem

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)

PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in ("camera", "display-capture", "geolocation", "microphone", "midi", "payment", "serial", "usb")
)
"""No page of ours asks for these; passkeys (`publickey-credentials-*`) stay allowed to our own pages."""

SECURITY_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "permissions-policy": PERMISSIONS_POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
"""On every answer, unless a route says otherwise."""

TWO_YEARS_OF_HTTPS = {"strict-transport-security": "max-age=63072000; includeSubDomains"}
"""Where people reach us by https (RFC 6797)."""

PRIVATE = {"cache-control": "no-store"}
"""What was answered to somebody's credentials is kept by no cache, unless a route says otherwise (RFC 9111)."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
OWN_SITES = frozenset({"same-origin", "none"})
"""`none`: the person typed the address or followed a bookmark."""


class SameOrigin:
    """Refuses what another site makes a browser send with our cookie: unsafe methods must come from our own pages."""

    def __init__(self, app: ASGIApp, public_place: str = "") -> None:
        self.app = app
        self.public_place = public_place

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_unsafe = scope["type"] == "http" and scope["method"] not in SAFE_METHODS
        if is_unsafe and is_forged(Headers(scope=scope), self.public_place):
            detail = "This came from another site with your session, so it was refused. Use the portal's own pages."
            await problem_response(Problem(403, "cross-site-request", detail))(scope, receive, send)
            return
        await self.app(scope, receive, send)


def is_forged(headers: Mapping[str, str], public_place: str = "") -> bool:
    """Whether an unsafe request may be another site's doing.

    What shows its own credentials in a header cannot be: browsers add only cookies by themselves. A browser says where
    a request comes from (`Sec-Fetch-Site`, else `Origin`); one with a cookie that says neither is refused too.
    `public_place` is the host that people reach us by, which a proxy may hide from `Host`.
    """
    if "authorization" in headers or "x-api-key" in headers:
        return False
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in OWN_SITES
    origin = headers.get("origin")
    if origin is not None:
        place = _place(origin)
        return place is None or place not in (headers.get("host"), public_place)
    return "cookie" in headers


def _place(origin: str) -> str | None:
    """Host and port of an origin; None for what is no URL, such as the `null` of a sandboxed page."""
    try:
        return urlsplit(origin).netloc or None
    except ValueError:
        return None
