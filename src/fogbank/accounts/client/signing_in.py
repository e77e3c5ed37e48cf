"""Views of sessions and tokens, and a client for what signing in takes besides a password."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from fogbank.runtime.client import ServiceHttp

T = TypeVar("T")

AUTH = "/api/v1/auth"


@dataclass(frozen=True, slots=True)
class SessionView:
    """A session; its token goes into the portal's cookie and nowhere else. It ends at `expires_at` at the latest.

    `device_token` goes into a cookie that outlasts it: shown at the next sign-in, it says that the device is known.
    """

    session_token: str
    user_id: str
    expires_at: datetime
    session_id: str = ""
    device_token: str = ""


@dataclass(frozen=True, slots=True)
class TokenView:
    """A bearer token (a JWT) and when it ends; `scope` are its scopes, with spaces, as RFC 6749 has it."""

    access_token: str
    expires_at: datetime
    token_type: str
    expires_in: int = 0
    scope: str = ""


@dataclass(frozen=True, slots=True)
class OpenSessionView:
    """Where somebody is signed in. `last_seen_at` is to the minute; `method` is password, link, passkey or oidc."""

    id: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    address: str
    agent: str
    method: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class SessionsView:
    """Somebody's sessions, the one that was used last first."""

    sessions: list[OpenSessionView]


@dataclass(frozen=True, slots=True)
class SessionsEndedView:
    """How many sessions were ended."""

    ended: int


@dataclass(frozen=True, slots=True)
class SignUpStateView:
    """Whether people can sign up by themselves."""

    is_open: bool


@dataclass(frozen=True, slots=True)
class SaidView:
    """What came of it, in a sentence. To who asked for an e-mail it is the same, whatever came of it."""

    detail: str


@dataclass(frozen=True, slots=True)
class PasswordResetView:
    """The password was set; `device_token` says at the next sign-in that the device is known."""

    device_token: str


@dataclass(frozen=True, slots=True)
class SignInLinkView:
    """A sign-in link, good once and for a day."""

    token: str
    url: str


@dataclass(frozen=True, slots=True)
class Browser:
    """For whom the portal speaks: the browser's address, what it calls itself, and the device token in its cookie."""

    address: str
    agent: str = ""
    device_token: str | None = None

    def facts(self) -> dict[str, str | None]:
        return {
            "client_address": self.address,
            "client_agent": self.agent,
            "device_token": self.device_token or None,
        }


@dataclass(frozen=True, slots=True)
class SignInClient:
    """Speaks for a browser, as the service that `http` shows; what is one's own, as the person, by `as_caller`."""

    http: ServiceHttp

    def as_caller(self, token: str) -> "SignInClient":
        """The same, with a person's own token."""
        return SignInClient(self.http.as_caller(token))

    async def by_password(self, email: str, password: str, browser: Browser) -> SessionView:
        """A session; `Problem` 401, `second-factor-needed` with `challenge` and `methods` where it takes one."""
        return await self._post("sessions", SessionView, browser, email=email, password=password)

    async def by_link(self, token: str, browser: Browser) -> SessionView:
        return await self._post("sessions:link", SessionView, browser, token=token)

    async def by_second_factor(
        self,
        challenge: str,
        method: str,
        browser: Browser,
        *,
        code: str | None = None,
        answer: Mapping[str, Any] | None = None,
    ) -> SessionView:
        """A session for the right answer; `Problem` 401 of kind `wrong-second-factor` with `attempts_left` else."""
        facts = {"challenge": challenge, "method": method, "code": code, "answer": answer}
        return await self._post("sessions:second-factor", SessionView, browser, **facts)

    async def sessions(self) -> list[OpenSessionView]:
        """Where the person is signed in."""
        return (await self.http.get(f"{AUTH}/sessions", as_=SessionsView)).sessions

    async def end_session(self, session_id: str) -> None:
        await self.http.delete(f"{AUTH}/sessions/{session_id}")

    async def end_other_sessions(self) -> None:
        """Sign the person out everywhere else."""
        await self.http.delete(f"{AUTH}/sessions")

    async def can_sign_up(self) -> bool:
        return (await self.http.get(f"{AUTH}/sign-ups", as_=SignUpStateView)).is_open

    async def sign_up(self, email: str, name: str, browser: Browser) -> None:
        """Have the address asked to confirm; the same for every address. `Problem` 403 where nobody can sign up."""
        await self._post("sign-ups", SaidView, browser, email=email, name=name)

    async def sign_up_again(self, email: str, browser: Browser) -> None:
        """Have that e-mail sent again."""
        await self._post("sign-ups:resend", SaidView, browser, email=email)

    async def confirm_sign_up(self, token: str, password: str, browser: Browser) -> SessionView:
        return await self._post("sign-ups:confirm", SessionView, browser, token=token, password=password)

    async def sign_up_invited(self, token: str, name: str, password: str, browser: Browser) -> SessionView:
        """An account by an invitation; `Problem` 409 where its address has one already, 410 where it is not good."""
        return await self._post("sign-ups:invited", SessionView, browser, token=token, name=name, password=password)

    async def ask_reset(self, email: str, browser: Browser) -> None:
        """Have a link sent to choose a new password by; the same for every address."""
        await self._post("password-resets", SaidView, browser, email=email)

    async def finish_reset(self, token: str, password: str, browser: Browser) -> PasswordResetView:
        return await self._post("password-resets:finish", PasswordResetView, browser, token=token, password=password)

    async def confirm_email_change(self, token: str, browser: Browser) -> None:
        await self._post("email-changes:confirm", SaidView, browser, token=token)

    async def undo_email_change(self, token: str, browser: Browser) -> None:
        await self._post("email-changes:undo", SaidView, browser, token=token)

    async def _post(self, path: str, as_: type[T], browser: Browser, **facts: Any) -> T:
        return await self.http.post(f"{AUTH}/{path}", {**facts, **browser.facts()}, as_=as_)
