"""Signing in and people, wired."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from fastapi import APIRouter

from fogbank.accounts.activity.recording import Recorder
from fogbank.accounts.factors.proofs import RecentProofs
from fogbank.accounts.organizations.accepting import Invitations
from fogbank.accounts.organizations.standing.service import Standings
from fogbank.accounts.people.api import credential_routes, people_routes
from fogbank.accounts.people.credentials import Credentials
from fogbank.accounts.people.service import People
from fogbank.accounts.signing_in.addresses import Addresses
from fogbank.accounts.signing_in.allowance import Allowance
from fogbank.accounts.signing_in.api import sign_in_routes
from fogbank.accounts.signing_in.breach_list import BreachList
from fogbank.accounts.signing_in.changing import PasswordSetting
from fogbank.accounts.signing_in.devices import Devices
from fogbank.accounts.signing_in.invited import InvitedSignUp
from fogbank.accounts.signing_in.mail_api import invited_routes, reset_routes, sign_up_routes
from fogbank.accounts.signing_in.mailing import Mailing
from fogbank.accounts.signing_in.new_passwords import NewPasswords
from fogbank.accounts.signing_in.passwords import Passwords
from fogbank.accounts.signing_in.refused import WRITE_SECONDS, RefusedSignIns
from fogbank.accounts.signing_in.resetting import Resetting
from fogbank.accounts.signing_in.rules.lasting import Lifetime
from fogbank.accounts.signing_in.second_factor import Challenges, SecondFactors
from fogbank.accounts.signing_in.service import SignIn
from fogbank.accounts.signing_in.sessions import Sessions
from fogbank.accounts.signing_in.sign_up import SignUp
from fogbank.accounts.signing_in.throttle import SignInThrottle
from fogbank.runtime.clock import Clock
from fogbank.runtime.component import BackgroundTask
from fogbank.runtime.database import Database
from fogbank.runtime.entropy import Entropy
from fogbank.runtime.sealing import SealingKeys


@dataclass(frozen=True, slots=True)
class SignInTerms:
    """How people sign in here, as the settings `accounts` have it; without a list of stolen passwords."""

    sign_up: str = "invited"
    session_days: int = 14
    session_lifetime: str = "absolute"
    breach_list_url: str = ""


@dataclass(frozen=True, slots=True)
class OpenSignIn:
    """What the other rooms get."""

    sign_in: SignIn
    sign_up: SignUp
    mailing: Mailing
    refused: RefusedSignIns
    routers: list[APIRouter]

    @property
    def tasks(self) -> list[BackgroundTask]:
        refused = BackgroundTask("write refused sign-ins", self._write_refused)
        letters = self.mailing.letters
        return [refused] if letters is None else [refused, BackgroundTask("send letters", self._send_letters)]

    async def _send_letters(self) -> None:
        if self.mailing.letters is not None:
            await self.mailing.letters.run(self.refused.database)

    async def _write_refused(self) -> None:
        while True:
            await asyncio.sleep(WRITE_SECONDS)
            await self.refused.write()


@asynccontextmanager
async def open_sign_in(
    *,
    database: Database,
    secrets: Path,
    passwords: Passwords,
    factors: SecondFactors,
    proofs: RecentProofs,
    standings: Standings,
    invitations: Invitations,
    mailing: Mailing,
    recorder: Recorder,
    terms: SignInTerms,
    clock: Clock,
    entropy: Entropy,
) -> AsyncIterator[OpenSignIn]:
    """Signing in, with `factors` for who has second ones; the keys of device tokens live in `secrets`."""
    devices = Devices(SealingKeys.of(secrets, entropy), clock, entropy)
    lifetime = Lifetime(timedelta(days=terms.session_days), terms.session_lifetime == "sliding")
    sessions = Sessions(database, recorder, devices, lifetime, clock, entropy)
    allowance = Allowance()
    refused = RefusedSignIns(database, recorder)
    setting = PasswordSetting(sessions, mailing, recorder, clock)
    sign_in = SignIn(
        database=database,
        passwords=passwords,
        throttle=SignInThrottle(),
        sessions=sessions,
        challenges=Challenges(factors, clock, entropy),
        refused=refused,
        clock=clock,
        entropy=entropy,
    )
    async with BreachList.open(terms.breach_list_url, clock) as breach_list:
        new_passwords = NewPasswords(passwords, breach_list)
        resetting = Resetting(database, new_passwords, setting, mailing, allowance, clock, entropy)
        addresses = Addresses(database, sessions, resetting, mailing, allowance, recorder, clock, entropy)
        is_open = terms.sign_up == "open"
        sign_up = SignUp(
            database, new_passwords, sessions, mailing, allowance, recorder, is_open, clock=clock, entropy=entropy
        )
        invited = InvitedSignUp(
            database, new_passwords, sessions, invitations, mailing, recorder, clock=clock, entropy=entropy
        )
        credentials = Credentials(database, new_passwords, setting, addresses, sign_in, recorder, clock)
        people = People(database, new_passwords, standings, recorder, clock, entropy)
        routers = [
            sign_in_routes(sign_in),
            sign_up_routes(sign_up),
            invited_routes(invited),
            reset_routes(resetting, addresses),
            people_routes(people, proofs),
            credential_routes(credentials, proofs),
        ]
        yield OpenSignIn(sign_in, sign_up, mailing, refused, routers)
