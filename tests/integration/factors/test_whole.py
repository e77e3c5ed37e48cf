"""All of accounts together: signing in by password and factor, with the real sessions, challenges and tokens."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pyotp
import pytest
import pytest_asyncio
from tests.clock import MovingClock
from tests.integration.factors.authenticator import SoftAuthenticator
from tests.integration.factors.conftest import ORIGIN, PASSWORD, QUICK_HASHER

from fogbank.accounts.client import AccountsClient, ServiceToken, UserView
from fogbank.accounts.client.factors import FactorsClient
from fogbank.accounts.client.signing_in import Browser, SignInClient
from fogbank.accounts.component import local_authenticator, open_accounts
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.database import Database
from fogbank.runtime.http.app import create_app
from fogbank.runtime.http.in_memory import InMemoryTransport, in_memory_http
from fogbank.runtime.problems import Problem
from fogbank.runtime.secret_files import service_secret

BROWSER = Browser("192.0.2.1", "a browser")


@dataclass(frozen=True)
class Whole:
    """Clients of all of accounts, and a clock."""

    accounts: AccountsClient
    door: SignInClient
    factors: FactorsClient
    clock: MovingClock

    async def person(self, email: str) -> FactorsClient:
        """Somebody new, signed in."""
        body = {"email": email, "name": "Somebody", "password": PASSWORD}
        await self.accounts.service.post("/api/v1/users", body, as_=UserView)
        session = await self.door.by_password(email, PASSWORD, BROWSER)
        token = await self.accounts.token_for_session(session.session_token)
        return self.factors.as_caller(token.access_token)

    async def challenge(self, email: str) -> str:
        """What somebody with a second factor is asked, after the right password."""
        with pytest.raises(Problem) as needed:
            await self.door.by_password(email, PASSWORD, BROWSER)
        assert (needed.value.status, needed.value.kind) == (401, "second-factor-needed")
        return str(needed.value.extra["challenge"])


@pytest_asyncio.fixture(scope="module")
async def whole(database: Database, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Whole]:
    clock, secrets, transport = MovingClock(), tmp_path_factory.mktemp("secrets"), InMemoryTransport()
    async with (
        in_memory_http(transport) as http,
        open_accounts(
            database=database, secrets=secrets, clock=clock, hasher=QUICK_HASHER, public_url=ORIGIN
        ) as component,
    ):
        authenticator = local_authenticator(
            database=database, secrets=secrets, clock=clock, monotonic=lambda: clock().timestamp()
        )
        transport.connect(
            create_app(title="Accounts", components=[component], authenticator=authenticator, clock=clock)
        )
        service = ServiceHttp(http, ServiceToken(http, "portal", service_secret(secrets, "portal"), clock))
        yield Whole(AccountsClient(service), SignInClient(service), FactorsClient(service), clock)


async def test_a_password_alone_opens_nothing_any_more_once_there_is_a_second_factor(whole: Whole) -> None:
    person = await whole.person("whole1@example.org")
    seed = await person.begin_totp()
    codes = await person.confirm_totp(pyotp.TOTP(seed.secret).at(whole.clock()))
    challenge = await whole.challenge("whole1@example.org")
    with pytest.raises(Problem) as wrong:
        await whole.door.by_second_factor(challenge, "totp", BROWSER, code="not it")
    assert (wrong.value.kind, wrong.value.extra["attempts_left"]) == ("wrong-second-factor", 4)
    whole.clock.forward(seconds=30)
    code = pyotp.TOTP(seed.secret).at(whole.clock())
    assert await whole.door.by_second_factor(challenge, "totp", BROWSER, code=code)
    another = await whole.challenge("whole1@example.org")
    with pytest.raises(Problem):
        await whole.door.by_second_factor(another, "totp", BROWSER, code=code)
    assert await whole.door.by_second_factor(another, "recovery", BROWSER, code=codes.recovery_codes[0])


async def test_guesses_count_over_challenges_so_that_new_ones_are_no_help(whole: Whole) -> None:
    person = await whole.person("whole2@example.org")
    seed = await person.begin_totp()
    await person.confirm_totp(pyotp.TOTP(seed.secret).at(whole.clock()))
    for _ in range(5):
        challenge = await whole.challenge("whole2@example.org")
        with pytest.raises(Problem) as wrong:
            await whole.door.by_second_factor(challenge, "totp", BROWSER, code="not it")
        assert wrong.value.kind == "wrong-second-factor"
    whole.clock.forward(seconds=30)
    challenge = await whole.challenge("whole2@example.org")
    code = pyotp.TOTP(seed.secret).at(whole.clock())
    with pytest.raises(Problem) as early:
        await whole.door.by_second_factor(challenge, "totp", BROWSER, code=code)
    assert (early.value.status, early.value.kind) == (429, "too-many-attempts")


async def test_a_passkey_is_a_second_factor_and_a_whole_sign_in(whole: Whole) -> None:
    person, device = await whole.person("whole3@example.org"), SoftAuthenticator(ORIGIN)
    await person.add_passkey("laptop", device.create((await person.begin_passkey()).public_key))
    challenge = await whole.challenge("whole3@example.org")
    answer = device.get((await whole.factors.begin_signing_in()).public_key)
    second = await whole.door.by_second_factor(challenge, "passkey", BROWSER, answer=answer)
    alone = await whole.factors.sign_in(device.get((await whole.factors.begin_signing_in()).public_key), BROWSER)
    assert alone.user_id == second.user_id
    token = await whole.accounts.token_for_session(alone.session_token)
    sessions = await whole.door.as_caller(token.access_token).sessions()
    assert {session.method for session in sessions} == {"password", "passkey"}
