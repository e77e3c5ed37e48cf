"""E-mails reach the mail server once, whatever it says, and what it says is shown."""

import asyncio
import socket
import ssl
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from tests.integration.notifications.conftest import Someone, World
from tests.integration.notifications.postbox import Postbox, running_postbox

from fogbank.events.signals import SignalType
from fogbank.notifications.client import EmailView, NotificationsClient, SentEmailView
from fogbank.runtime.ports import LOOPBACK

MAILING = Path(__file__).with_name("mailing.py")


async def email_of(someone: Someone) -> EmailView:
    """What the person sees of the e-mail of their newest notice."""
    email = (await someone.notifications.notices()).notices[0].email
    assert email is not None
    return email


async def seen_by_administrators(world: World, someone: Someone) -> SentEmailView:
    emails = (await NotificationsClient(world.accounts.service).emails()).emails
    return next(email for email in emails if email.person_id == someone.id)


async def test_an_email_says_what_happened_and_the_notice_that_it_was_sent(world: World, postbox: Postbox) -> None:
    ann = await world.someone()
    await world.happen(world.signal(ann.id))
    await world.mailer(postbox.server()).send_due()
    [message] = postbox.came[ann.email]
    assert message["Subject"] == "The credit of Ann is running low"
    assert message["To"] == ann.email
    assert (await email_of(ann)).state == "sent"
    assert (await seen_by_administrators(world, ann)).detail == "2.0.0 Ok: queued as 4F2B"


async def test_once_sent_it_is_not_sent_again(world: World, postbox: Postbox) -> None:
    ann = await world.someone()
    await world.happen(world.signal(ann.id))
    mailer = world.mailer(postbox.server())
    await mailer.send_due()
    world.clock.forward(hours=2)
    await mailer.send_due()
    assert len(postbox.came[ann.email]) == 1


async def test_two_mailers_at_once_send_each_email_once(world: World, postbox: Postbox) -> None:
    people = [await world.someone() for _ in range(12)]
    for person in people:
        await world.happen(world.signal(person.id))
    mailers = [world.mailer(postbox.server()) for _ in range(3)]
    await asyncio.gather(*(mailer.send_due() for mailer in mailers))
    await mailers[0].send_due()
    assert [len(postbox.came[person.email]) for person in people] == [1] * 12


async def test_who_is_killed_after_the_server_took_it_sends_the_same_message_again(
    world: World, postbox: Postbox, postgres_url: str
) -> None:
    ann = await world.someone()
    await world.happen(world.signal(ann.id))
    postbox.open_gate.clear()
    arguments = [str(MAILING), postgres_url, str(postbox.port), world.clock().isoformat()]
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments)
    await postbox.wait_for(ann.email)
    process.kill()
    await process.wait()
    postbox.open_gate.set()
    successor = world.mailer(postbox.server())
    await successor.send_due()
    assert len(postbox.came[ann.email]) == 1
    world.clock.forward(minutes=5)
    await successor.send_due()
    first, second = postbox.came[ann.email]
    assert first["Message-ID"] == second["Message-ID"]
    assert (await email_of(ann)).state == "sent"
    assert len((await ann.notifications.notices()).notices) == 1


async def test_what_the_server_refuses_for_good_ends_and_says_why(world: World, postbox: Postbox) -> None:
    ann = await world.someone()
    await world.happen(world.signal(ann.id))
    postbox.answer_to_recipient = "550 5.1.1 No such mailbox here"
    mailer = world.mailer(postbox.server())
    await mailer.send_due()
    email = await email_of(ann)
    assert (email.state, email.detail) == ("failed", "The mail server refused it: 550 5.1.1 No such mailbox here")
    postbox.answer_to_recipient = "250 Ok"
    world.clock.forward(hours=2)
    await mailer.send_due()
    assert not postbox.came[ann.email]


@pytest.mark.parametrize("answer", ["451 4.3.0 Try again later", "421 4.7.0 Too many of you"])
async def test_what_the_server_defers_is_tried_again(world: World, postbox: Postbox, answer: str) -> None:
    ann = await world.someone()
    await world.happen(world.signal(ann.id))
    postbox.answer_to_data = answer
    mailer = world.mailer(postbox.server())
    await mailer.send_due()
    assert (await email_of(ann)).state == "queued"
    assert answer[:3] in (await seen_by_administrators(world, ann)).detail
    postbox.answer_to_data = "250 2.0.0 Ok: queued as 4F2B"
    await mailer.send_due()
    assert not postbox.came[ann.email]
    world.clock.forward(minutes=1)
    await mailer.send_due()
    assert len(postbox.came[ann.email]) == 1


async def test_a_server_that_is_down_and_comes_back_gets_everything(world: World) -> None:
    people = [await world.someone() for _ in range(6)]
    for person in people:
        await world.happen(world.signal(person.id))
    with socket.socket() as held:
        held.bind((LOOPBACK, 0))
        port = held.getsockname()[1]
    down = world.mailer(Postbox(port=port).server())
    await down.send_due()
    assert down.trouble
    async with running_postbox(port=port) as postbox:
        world.clock.forward(minutes=1)
        await down.send_due()
        assert [len(postbox.came[person.email]) for person in people] == [1] * 6
    assert not down.trouble


async def test_a_server_that_is_down_for_a_day_is_given_up(world: World) -> None:
    ann = await world.someone()
    await world.happen(world.signal(ann.id))
    with socket.socket() as held:
        held.bind((LOOPBACK, 0))
        mailer = world.mailer(Postbox(port=held.getsockname()[1]).server())
    until = world.clock() + timedelta(hours=25)
    while world.clock() < until:
        await mailer.send_due()
        world.clock.forward(minutes=20)
    email = await email_of(ann)
    assert (email.state, email.detail) == ("failed", "No mail server took it for a day.")


async def test_a_server_that_hangs_is_left_alone_after_a_while(world: World) -> None:
    ann = await world.someone()
    await world.happen(world.signal(ann.id))
    with socket.create_server((LOOPBACK, 0)) as silent:  # connections wait in its backlog for ever
        server = Postbox(port=silent.getsockname()[1]).server(answer_seconds=0.2)
        mailer = world.mailer(server)
        await mailer.send_due()
    assert mailer.trouble
    assert (await email_of(ann)).state == "queued"
    async with running_postbox() as postbox:
        world.clock.forward(minutes=1)
        await world.mailer(postbox.server()).send_due()
        assert len(postbox.came[ann.email]) == 1


async def test_an_address_that_is_none_fails_and_the_others_are_sent(world: World, postbox: Postbox) -> None:
    strange, ann = await world.someone(), await world.someone()
    await world.happen(world.signal(strange.id))
    await world.happen(world.signal(ann.id))
    async with world.database.connection() as connection:
        await connection.execute(
            "UPDATE notifications.deliveries SET address = %s WHERE person_id = %s",
            ["x@example.org\r\nBcc: all@example.org", strange.id],
        )
    await world.mailer(postbox.server()).send_due()
    assert (await email_of(strange)).state == "failed"
    assert set(postbox.came) == {ann.email}


async def test_an_address_whose_host_is_in_another_script_arrives(world: World, postbox: Postbox) -> None:
    ann = await world.someone()
    await world.happen(world.signal(ann.id))
    address = "anne@exämple.org"
    async with world.database.connection() as connection:
        await connection.execute(
            "UPDATE notifications.deliveries SET address = %s WHERE person_id = %s", [address, ann.id]
        )
    await world.mailer(postbox.server()).send_due()
    assert list(postbox.came) == [address]


async def test_words_of_others_add_no_header(world: World, postbox: Postbox) -> None:
    ann = await world.someone()
    data = {
        "resource_type": "cpu",
        "instance_id": "vm-1\r\nBcc: all@example.org\r\n\r\nHello",
        "notification_channels": "email",
    }
    await world.happen(world.signal(ann.id, SignalType.THRESHOLD_VIOLATED, **data))
    await world.mailer(postbox.server()).send_due()
    [message] = postbox.came[ann.email]
    assert message["Bcc"] is None
    assert "Bcc: all@example.org" in str(message["Subject"])


async def test_nothing_goes_in_the_clear_to_a_server_without_starttls(world: World, postbox: Postbox) -> None:
    ann = await world.someone()
    await world.happen(world.signal(ann.id))
    mailer = world.mailer(postbox.server("starttls", user="fogbank", password="right"))
    await mailer.send_due()
    assert "STARTTLS" in mailer.trouble
    assert not postbox.came
    assert not postbox.credentials
    assert (await email_of(ann)).state == "queued"
    world.clock.forward(minutes=1)
    await world.mailer(postbox.server()).send_due()


async def test_with_starttls_it_signs_in_and_sends_encrypted(
    world: World, certificate: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    ours, trusting = certificate
    ann = await world.someone()
    await world.happen(world.signal(ann.id))
    async with running_postbox(tls=ours, asks_who=True) as postbox:
        server = postbox.server("starttls", user="fogbank", password="right", context=trusting)
        await world.mailer(server).send_due()
        assert len(postbox.came[ann.email]) == 1
        assert postbox.was_encrypted == [True]
        assert postbox.credentials == [("fogbank", "right")]


async def test_a_certificate_that_nobody_signed_gets_nothing(
    world: World, certificate: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    ours, trusting = certificate
    ann = await world.someone()
    await world.happen(world.signal(ann.id))
    async with running_postbox(tls=ours, asks_who=True) as postbox:
        mailer = world.mailer(postbox.server("starttls", user="fogbank", password="right"))
        await mailer.send_due()
        assert mailer.trouble
        assert not postbox.credentials
        world.clock.forward(minutes=1)
        server = postbox.server("starttls", user="fogbank", password="right", context=trusting)
        await world.mailer(server).send_due()
        assert len(postbox.came[ann.email]) == 1


async def test_a_wrong_password_is_told_and_costs_no_email(
    world: World, certificate: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    ours, trusting = certificate
    ann = await world.someone()
    await world.happen(world.signal(ann.id))
    async with running_postbox(tls=ours, asks_who=True) as postbox:
        mailer = world.mailer(postbox.server("starttls", user="fogbank", password="wrong", context=trusting))
        await mailer.send_due()
        assert mailer.trouble.startswith("535")
        world.clock.forward(minutes=1)
        server = postbox.server("starttls", user="fogbank", password="right", context=trusting)
        await world.mailer(server).send_due()
        assert len(postbox.came[ann.email]) == 1
