"""The first start's household: an administrator, an organisation, this host and its node, asked for once per `up`."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

import httpx
import structlog

from fogbank.accounts.client import AccountsClient, ServiceToken, SetupView
from fogbank.accounts.ledger.client import LedgerClient
from fogbank.cli.agent_key import key_once
from fogbank.cli.system import instance_id_of, node_id_of
from fogbank.compute.client import NodesClient
from fogbank.events.signing import public_key_of
from fogbank.kernel.money import micros_from_credits
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.clock import Clock
from fogbank.runtime.problems import Problem
from fogbank.runtime.secret_files import service_secret
from fogbank.runtime.settings import Settings

CLI = "cli"
"""The name by which the commands of this program sign in to accounts."""

SIGN_IN_PATH = "/sign-in"

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Installing:
    """Asks accounts to set up what is missing, and remembers the answer."""

    settings: Settings
    clock: Clock
    services_url: str = ""
    _view: SetupView | None = None
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def view(self) -> SetupView:
        """What this installation starts with. Needs accounts to be up."""
        async with self._one_at_a_time:
            if self._view is None:
                self._view = await self._ask()
            return self._view

    async def agent_environment(self) -> Mapping[str, str]:
        """Whose machine the agent measures, unless the settings say otherwise. Its node is registered by then."""
        view, agent = await self.view(), self.settings.agent
        await self._register_node(view)
        return {
            "FOGBANK_AGENT_INSTANCE_ID": view.instance_id,
            "FOGBANK_AGENT_USER_ID": agent.user_id or view.user_id,
            "FOGBANK_AGENT_ORG_ID": agent.org_id or view.org_id,
        }

    async def _ask(self) -> SetupView:
        async with self._services() as services:
            instance_id = instance_id_of(self.settings)
            view = await AccountsClient(services).setup(
                email=self.settings.setup.email,
                organization_name=self.settings.setup.organization,
                instance_id=instance_id,
                instance_name=instance_id.removeprefix("host_"),
            )
            await give_opening_credit_once(LedgerClient(services), view.org_id, self.settings.setup.opening_credit)
            return view

    async def _register_node(self, view: SetupView) -> None:
        """Register this machine's node by its key: it measures itself, and places what runs on it.

        A node that was revoked, or registered otherwise, stays so; everything but its agent works.
        """
        public_key = public_key_of(key_once(self.settings.data))
        async with self._services() as services:
            try:
                await NodesClient(services).register_directly(
                    node_id=node_id_of(self.settings),
                    public_key=public_key,
                    operator_id=view.org_id,
                    is_self_placing=True,
                )
            except Problem as problem:
                if problem.status != HTTPStatus.CONFLICT:
                    raise
                _log.warning("node_not_registered", reason=problem.detail)

    @asynccontextmanager
    async def _services(self) -> AsyncIterator[ServiceHttp]:
        async with httpx.AsyncClient(base_url=self.services_url, timeout=30) as http:
            token = ServiceToken(http, CLI, service_secret(self.settings.data / "secrets", CLI), self.clock)
            yield ServiceHttp(http, token)


async def give_opening_credit_once(ledger: LedgerClient, org_id: str, amount: str) -> None:
    """Grant the first organisation what it begins with. A setting that changed since gives nothing more."""
    if micros_from_credits(amount) == 0:
        return
    try:
        await ledger.grant(org_id, amount, kind="promotional", id=f"opening-credit:{org_id}", memo="Opening credit")
    except Problem as problem:
        if problem.status != HTTPStatus.CONFLICT:
            raise
