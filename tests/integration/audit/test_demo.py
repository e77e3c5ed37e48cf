"""The demo's first hours on a whole system: customers by the APIs, readings by the queue, and everything equal."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from decimal import Decimal
from pathlib import Path

import httpx

from fogbank.accounts.client import AccountsClient, MemberView, OrganizationsView, ServiceToken
from fogbank.accounts.ledger.client import LedgerClient
from fogbank.audit.model import Report
from fogbank.cli.commands.demo import enrol, send_past
from fogbank.cli.commands.simulate import open_queue
from fogbank.cli.options import settings_of_running
from fogbank.kernel.periods import microseconds_of
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.clock import now_utc
from fogbank.runtime.secret_files import service_secret
from fogbank.simulate.demo.filling import Telling, events_in_past
from fogbank.simulate.demo.model import Customer
from fogbank.simulate.demo.story import CUSTOMERS, HALDEN, PERIOD_SECONDS
from fogbank.simulate.schedule import Schedule

PATIENCE_SECONDS = 120
PASSWORD = "a password for the demo"
PERIODS = 24
ADMINISTRATOR = "Administrator"


async def people_by_organization(service: ServiceHttp) -> dict[str, dict[str, str]]:
    """Each organisation's people and their roles, by names."""
    view = await service.get("/api/v1/organizations", as_=OrganizationsView)
    found = {}
    for each in view.organizations:
        members = await service.get(f"/api/v1/organizations/{each.id}/members", as_=list[MemberView])
        found[each.name] = {member.name: member.role for member in members}
    return found


async def balances(service: ServiceHttp) -> dict[str, Decimal]:
    view = await service.get("/api/v1/organizations", as_=OrganizationsView)
    ledger = LedgerClient(service)
    return {each.name: Decimal((await ledger.balance(each.id)).balance) for each in view.organizations}


def expected_people(customer: Customer) -> dict[str, str]:
    people = {person.name: person.role for person in customer.people}
    return {**people, ADMINISTRATOR: "owner"} if customer is HALDEN else people


async def test_the_story_is_told_by_the_real_pipeline_and_the_audit_is_equal(
    data_dir: Path,
    running_up: Callable[[], AbstractAsyncContextManager[None]],
    audited: Callable[..., Awaitable[Report]],
) -> None:
    async with running_up():
        settings = settings_of_running(data_dir)[0].settings
        telling = Telling(Schedule.ending_by(microseconds_of(now_utc()), PERIOD_SECONDS, PERIODS))
        instances = await enrol(settings, telling, PASSWORD)
        async with open_queue(settings.queue) as queue:
            sent = await send_past(queue, telling, telling.population(instances))
        report = await audited(PATIENCE_SECONDS)
        async with httpx.AsyncClient(base_url=settings.services.url) as http:
            token = ServiceToken(http, "audit", service_secret(data_dir / "secrets", "audit"), now_utc)
            service = ServiceHttp(http, token)
            people = await people_by_organization(service)
            left = await balances(service)
            known = await AccountsClient(service).instances()
            session = await AccountsClient(service).sign_in("maya@papertrail.example", PASSWORD, "127.0.0.1")

    assert [check for check in report.checks if not check.ok] == []
    assert sent == events_in_past(telling, instances)
    assert {check.right for check in report.checks if check.name == "events accepted = stored"} == {f"{sent:,}"}
    organizations = [customer for customer in CUSTOMERS if not customer.is_person]
    assert people == {customer.name: expected_people(customer) for customer in organizations}
    assert {one.instance_id for one in instances} <= {instance.id for instance in known}
    assert session.session_token
    strangers = [customer for customer in organizations if customer is not HALDEN]
    assert all(left[each.name] <= each.deposit_credits + each.gift_credits for each in strangers)
    assert left["Osprey Maps"] < 2_500
