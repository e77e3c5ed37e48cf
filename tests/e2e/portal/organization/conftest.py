"""An office: what the pages of organisations, activity and credit are tested on."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest_asyncio
from playwright.async_api import Browser
from tests.e2e.portal.house import House, Person, open_page, watched
from tests.e2e.portal.services import Services

from fogbank.accounts.client import MemberView
from fogbank.accounts.client.projects import ProjectsClient
from fogbank.accounts.client.teams import TeamsClient
from fogbank.accounts.ledger.client import LedgerClient
from fogbank.runtime.database import Database

__all__ = ["open_page"]

ACME = "Acme Robotics"


@dataclass
class Office(House):
    """The house, with a ledger in it and organisations that have people."""

    async def teams(self, person: Person) -> TeamsClient:
        return TeamsClient(await self.as_(person))

    async def projects(self, person: Person) -> ProjectsClient:
        return ProjectsClient(await self.as_(person))

    @property
    def ledger(self) -> LedgerClient:
        return LedgerClient(self.accounts.service)

    async def acme(self, *roles: str) -> tuple[str, list[Person]]:
        """An organisation: its owner, and one more person for each role."""
        owner = await self.person("Mira Lindqvist")
        org_id = (await (await self.teams(owner)).create(ACME, key=f"acme-{owner.id}")).id
        others = [await self._member(org_id, role) for role in roles]
        return org_id, [owner, *others]

    async def _member(self, org_id: str, role: str) -> Person:
        person = await self.person(f"{role.capitalize()} Person")
        path = f"/api/v1/organizations/{org_id}/members/{person.id}"
        await self.accounts.service.put(path, {"role": role}, as_=MemberView)
        return person

    async def instance(self, org_id: str, owner: Person, name: str) -> str:
        """An instance that the organisation pays for."""
        id_ = f"i-{name}-{org_id}"
        made = await self.accounts.create_instance(instance_id=id_, name=name, user_id=owner.id, org_id=org_id)
        return made.id

    async def stands(self, account_id: str, act: str) -> None:
        """`suspend`, `restore` or `close`, by the service that may."""
        path = f"/api/v1/accounts/{account_id}/{act}"
        await self.accounts.service.post(path, {}, as_=dict[str, Any], headers={"fogbank-reason": "a test"})


@pytest_asyncio.fixture
async def house(services: Services, database: Database, browser: Browser) -> AsyncIterator[Office]:
    async with watched(Office(services.url, services.accounts, database, services.clock, browser)) as office:
        yield office
