"""Which URLs we send to. Pure: what a name resolves to is judged when we connect.

A URL is read once, strictly, and from then on only its parts are used, so no second reader can see another host in it.
"""

import re
from dataclasses import dataclass

import httpx

URL_CHARACTERS_MAX = 2048
HOST_CHARACTERS_MAX = 253
OTHER_PORTS_MIN = 1024
"""Below, only the web's own ports: what else listens there is mail, terminals and the like."""
PORTS = {"https": 443, "http": 80}

NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*\.?", re.ASCII)
NUMBER = re.compile(r"0[xX][0-9a-fA-F]*|[0-9]+", re.ASCII)
ADDRESS_V4 = re.compile(r"(0|[1-9][0-9]{0,2})(\.(0|[1-9][0-9]{0,2})){3}", re.ASCII)


class UrlRefused(ValueError):
    """We do not send to this URL; the message says what it must be instead."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where to send: `host` is a name in ASCII or an address without brackets, `path` has its query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """Host and port, as the header `Host` says them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"


def target_of(url: str, *, allow_http: bool = False) -> Target:
    """The parts of `url`; `UrlRefused` for one that we do not send to."""
    if not 0 < len(url) <= URL_CHARACTERS_MAX:
        raise UrlRefused(f"must have 1 to {URL_CHARACTERS_MAX} characters")
    if any(character <= " " or character in '\\"<>^`{|}\x7f' for character in url):
        raise UrlRefused("must not have spaces, control characters, backslashes or quotes")
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise UrlRefused("must be a URL") from error
    _require_scheme(parsed.scheme, allow_http=allow_http)
    if parsed.userinfo:
        raise UrlRefused("must not carry a user name or password")
    if "#" in url:
        raise UrlRefused("must not have a fragment")
    host = _host(parsed)
    port = _port(parsed)
    return Target(parsed.scheme, host, port, parsed.raw_path.decode("ascii"))


def _require_scheme(scheme: str, *, allow_http: bool) -> None:
    if scheme not in PORTS or (scheme == "http" and not allow_http):
        raise UrlRefused("must begin with https://" + (" or http://" if allow_http else ""))


def _host(parsed: httpx.URL) -> str:
    """The host; a name in any script becomes ASCII, as IDNA 2008 says."""
    host = parsed.raw_host.decode("ascii")
    if ":" in host:
        if "%" in host:
            raise UrlRefused("must not name an interface of ours")
        return host
    if not NAME.fullmatch(host) or len(host) > HOST_CHARACTERS_MAX:
        raise UrlRefused("must name a host")
    # 0x7f.1 and 2130706433 are addresses to some and names to others.
    if NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]) and not ADDRESS_V4.fullmatch(host):
        raise UrlRefused("must write an IPv4 address as four decimal numbers")
    return host


def _port(parsed: httpx.URL) -> int:
    port = PORTS[parsed.scheme] if parsed.port is None else parsed.port
    if port not in PORTS.values() and not OTHER_PORTS_MIN <= port <= 65_535:  # noqa: PLR2004
        raise UrlRefused(f"must have the port 443, 80, or one from {OTHER_PORTS_MIN} to 65535")
    return port
