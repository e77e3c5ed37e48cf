"""The component as it runs: from the queue to somebody's mailbox, and with no mail server, to the bell alone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from tests.integration.notifications.conftest import World, terms
from tests.integration.notifications.postbox import WAIT_SECONDS, Postbox, running_postbox

from fogbank.compute.client import ComputeClient
from fogbank.notifications.component import open_notifications
from fogbank.notifications.mail.server import MailServer
from fogbank.runtime.component import Component
from fogbank.runtime.http.background import running_tasks


@asynccontextmanager
async def running(world: World, mail_server: MailServer | None) -> AsyncIterator[Component]:
    opening = open_notifications(
        database=world.database,
        accounts=world.accounts,
        compute=ComputeClient(world.accounts.service),
        queue=world.queue,
        secrets=world.secrets,
        clock=world.clock,
        terms=terms(),
        mail_server=mail_server,
    )
    async with opening as component, running_tasks([component]):
        yield component


async def test_from_the_queue_to_the_mailbox_without_anybodys_help(world: World, postbox: Postbox) -> None:
    ann = await world.someone()
    async with running(world, postbox.server()):
        await world.queue.signal(world.signal(ann.id))
        [message] = await postbox.wait_for(ann.email)
    assert message["Subject"] == "The credit of Ann is running low"


async def test_what_a_mail_server_missed_it_gets_when_the_component_starts_again(world: World) -> None:
    ann = await world.someone()
    await world.happen(world.signal(ann.id))
    async with running_postbox() as postbox, running(world, postbox.server()):
        await postbox.wait_for(ann.email)
        assert len(postbox.came[ann.email]) == 1


async def test_without_a_mail_server_the_notice_says_so_and_nothing_is_ill(world: World) -> None:
    ann = await world.someone()
    notifying = replace(world.notifying, sends_email=False)
    await notifying.follow(world.signal(ann.id), world.clock())
    [notice] = (await ann.notifications.notices()).notices
    assert notice.email is not None
    assert notice.email.state == "unsent"
    assert notice.email.detail == "No mail server is set up here, so no e-mail was sent."
    async with running(world, None) as component:
        assert "send e-mails" not in [task.name for task in component.tasks]
        await until_well(component)
    assert component.health.detail == "signals are followed; no mail server is set up, so no e-mails are sent"


async def until_well(component: Component) -> None:
    """Return when the component first says how it is, which it does after its first look at the queue."""
    async with asyncio.timeout(WAIT_SECONDS):
        while component.health.last_success_at is None:  # noqa: ASYNC110 - health is read, it tells nobody
            await asyncio.sleep(0.05)
    assert component.health.is_ok
