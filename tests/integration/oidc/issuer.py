"""A small OpenID provider that does as it is told, so it can lie as well: real HTTP on loopback, real signatures."""

import asyncio
import hmac
import json
import socket
from base64 import b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlsplit

import uvicorn
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

CLIENT_ID = "fog bank/1"
CLIENT_SECRET = "s3cret:with&signs"
Claims = dict[str, Any]


@dataclass
class Login:
    """What the issuer remembers from the authorization request: what its code stands for."""

    asked: dict[str, str]
    claims: Claims
    access_token: str


@dataclass
class Provider:
    """An issuer at `url`. What tests change of it is changed until `behave` is called."""

    url: str
    now: Callable[[], float]
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}))
    logins: dict[str, Login] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.behave()

    def behave(self) -> None:
        """Be honest again."""
        self.issuer, self.says_iss, self.methods = self.url, True, ["client_secret_basic"]
        self.published: list[dict[str, Any]] = [self.key.as_dict(private=False)]
        self.userinfo: Claims = {}
        self.sign: Callable[[Claims], str] = self.signed
        self.asked.clear()

    def signed(self, claims: Claims, key: RSAKey | None = None) -> str:
        key = key or self.key
        return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)

    @staticmethod
    def signed_by(key: ECKey, algorithm: str, claims: Claims) -> str:
        return jwt.encode({"alg": algorithm, "kid": key.kid}, claims, key)

    def unsigned(self, claims: Claims) -> str:
        """As `alg: none` has it."""
        header = _part(b'{"alg":"none"}')
        return f"{header}.{self.signed(claims).split('.')[1]}."

    def signed_with_public_key(self, claims: Claims) -> str:
        """As who knows no secret: the public key is the HMAC's."""
        header = _part(json.dumps({"alg": "HS256", "kid": self.key.kid}).encode())
        said = f"{header}.{self.signed(claims).split('.')[1]}"
        return f"{said}.{_part(hmac.digest(self.key.as_pem(private=False), said.encode(), sha256))}"

    def browser_signs_in(self, url: str, subject: str, **claims: Any) -> dict[str, str]:
        """What the browser is sent back with, after somebody signed in at the URL that they were sent to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        code, access_token, now = f"code{len(self.logins)}", f"access{len(self.logins)}", int(self.now())
        stated = {
            "iss": self.issuer,
            "sub": subject,
            "aud": asked["client_id"],
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **claims,
        }
        kept = {name: value for name, value in stated.items() if value is not None}
        self.logins[code] = Login(asked, kept, access_token)
        return {"state": asked["state"], "code": code} | ({"iss": self.issuer} if self.says_iss else {})

    async def configuration(self, _request: Request) -> JSONResponse:
        self.asked.append("configuration")
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
                "userinfo_endpoint": f"{self.url}/userinfo",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "token_endpoint_auth_methods_supported": self.methods,
                "authorization_response_iss_parameter_supported": self.says_iss,
            }
        )

    async def keys(self, _request: Request) -> JSONResponse:
        self.asked.append("keys")
        return JSONResponse({"keys": self.published})

    async def token(self, request: Request) -> JSONResponse:
        """Checks what a provider must: the client, the code once, the redirect, and the PKCE verifier."""
        self.asked.append("token")
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        login = self.logins.pop(form.get("code", ""), None)
        if login is None or form.get("grant_type") != "authorization_code" or not self._is_client(request, form):
            return JSONResponse({"error": "invalid_grant"}, 400)
        challenge = urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        if (challenge, form["redirect_uri"]) != (login.asked["code_challenge"], login.asked["redirect_uri"]):
            return JSONResponse({"error": "invalid_grant"}, 400)
        answer = {"access_token": login.access_token, "token_type": "Bearer", "id_token": self.sign(login.claims)}
        return JSONResponse(answer)

    def _is_client(self, request: Request, form: dict[str, str]) -> bool:
        if "client_secret" in form:
            return (form["client_id"], form["client_secret"]) == (CLIENT_ID, CLIENT_SECRET)
        kind, _, credentials = request.headers.get("authorization", "").partition(" ")
        client_id, _, secret = b64decode(credentials).decode().partition(":")
        said = (unquote_plus(client_id), unquote_plus(secret))
        return kind == "Basic" and said == (CLIENT_ID, CLIENT_SECRET)

    async def user(self, request: Request) -> JSONResponse:
        self.asked.append("userinfo")
        return JSONResponse(self.userinfo, 200 if request.headers.get("authorization", "") else 401)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.configuration),
                Route("/keys", self.keys),
                Route("/token", self.token, methods=["POST"]),
                Route("/userinfo", self.user),
            ]
        )


def _part(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def other_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "two", "use": "sig"})


def elliptic_key() -> ECKey:
    return ECKey.generate_key("P-256", {"kid": "three", "use": "sig"})


@asynccontextmanager
async def running_provider(now: Callable[[], float]) -> AsyncIterator[Provider]:
    """A provider that answers on a port of loopback."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        provider = Provider(f"http://127.0.0.1:{listener.getsockname()[1]}", now)
        server = uvicorn.Server(uvicorn.Config(provider.app(), log_level="error", lifespan="off", ws="none"))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield provider
        finally:
            server.should_exit = True
            await serving
