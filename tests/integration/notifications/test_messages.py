"""Messages of accounts: sent once by a real mail server, unreadable while they wait, and gone afterwards."""

from pathlib import Path

import pytest
from tests.integration.notifications.conftest import PUBLIC_URL, SENDER, World
from tests.integration.notifications.postbox import Postbox

from fogbank.notifications.client import NotificationsClient
from fogbank.notifications.mail.server import MailServer
from fogbank.notifications.messages.errors import NoMailServer, OtherMessage
from fogbank.notifications.messages.model import MessageKind
from fogbank.notifications.messages.service import Messages, messenger
from fogbank.runtime.entropy import system_entropy
from fogbank.runtime.problems import Problem
from fogbank.runtime.sealing import SealingKeys

LINK = f"{PUBLIC_URL}/reset?token=a-secret-token"


def messages_by(world: World, server: MailServer | None, secrets: Path | None = None) -> Messages:
    sealing, clock = SealingKeys.of(secrets or world.secrets, system_entropy), world.clock
    if server is None:
        return Messages(world.database, sealing, clock, None)
    sending = messenger(world.database, server, SENDER, PUBLIC_URL, sealing=sealing, clock=clock)
    return Messages(world.database, sealing, clock, sending)


async def send(messages: Messages) -> str:
    """Send what is due; the trouble with the mail server, if there is any."""
    assert messages.sending is not None
    await messages.sending.send_due()
    return messages.sending.trouble


async def ask(messages: Messages, number: int, address: str) -> None:
    await messages.take_once(f"message_{number}", address, MessageKind.RESET_PASSWORD, {"link": LINK})


async def kept(world: World, number: int) -> str:
    """Everything the database holds of it, as text."""
    async with world.database.connection() as connection:
        rows = await connection.execute(
            "SELECT m::text FROM notifications.messages m WHERE id = %s", [f"message_{number}"]
        )
        [(text,)] = await rows.fetchall()
        return str(text)


async def state_of(world: World, number: int) -> tuple[str, str, bool]:
    async with world.database.connection() as connection:
        rows = await connection.execute(
            "SELECT state, detail, sealed IS NULL FROM notifications.messages WHERE id = %s", [f"message_{number}"]
        )
        [(state, detail, is_empty)] = await rows.fetchall()
        return state, detail, is_empty


async def test_a_message_is_sent_once_and_emptied(world: World, postbox: Postbox) -> None:
    number, address = next(world.numbers), "once@example.org"
    messages = messages_by(world, postbox.server())
    await ask(messages, number, address)
    await ask(messages, number, address)
    assert address not in await kept(world, number)
    assert "a-secret-token" not in await kept(world, number)
    await send(messages)
    await send(messages)
    [email] = postbox.came[address]
    assert email["Subject"] == "Choose a new password"
    body = email.get_body(("plain",))
    assert body is not None
    assert LINK in body.get_content()
    assert await state_of(world, number) == ("sent", "2.0.0 Ok: queued as 4F2B", True)


async def test_one_that_is_not_taken_is_tried_for_an_hour(world: World, postbox: Postbox) -> None:
    number, address = next(world.numbers), "late@example.org"
    messages = messages_by(world, postbox.server())
    await ask(messages, number, address)
    postbox.answer_to_data = "451 4.3.0 Try again later"
    await send(messages)
    assert (await state_of(world, number))[0] == "queued"
    world.clock.forward(minutes=30)
    await send(messages)
    assert (await state_of(world, number))[0] == "queued"
    world.clock.forward(minutes=31)
    await send(messages)
    assert await state_of(world, number) == ("failed", "No mail server took it for an hour.", True)


async def test_a_server_that_is_away_is_told_and_comes_back(world: World, postbox: Postbox) -> None:
    number, address = next(world.numbers), "away@example.org"
    away = messages_by(world, MailServer("127.0.0.1", 1, "none", "", ""))
    await ask(away, number, address)
    assert await send(away)
    world.clock.forward(minutes=5)
    back = messages_by(world, postbox.server())
    await send(back)
    assert len(postbox.came[address]) == 1
    assert not await send(away)


async def test_what_is_refused_for_good_ends_and_is_emptied(world: World, postbox: Postbox) -> None:
    number = next(world.numbers)
    messages = messages_by(world, postbox.server())
    postbox.answer_to_recipient = "550 5.1.1 No such mailbox here"
    await ask(messages, number, "nobody@example.org")
    await send(messages)
    state, detail, is_empty = await state_of(world, number)
    assert (state, is_empty) == ("failed", True)
    assert "550 5.1.1" in detail


async def test_one_whose_sealing_key_is_gone_fails_and_holds_up_no_other(
    world: World, postbox: Postbox, tmp_path: Path
) -> None:
    lost, found = next(world.numbers), next(world.numbers)
    messages = messages_by(world, postbox.server())
    await ask(messages_by(world, postbox.server(), tmp_path), lost, "lost@example.org")
    await ask(messages, found, "found@example.org")
    await send(messages)
    assert (await state_of(world, lost))[0] == "failed"
    assert len(postbox.came["found@example.org"]) == 1


async def test_an_id_is_one_message(world: World, postbox: Postbox) -> None:
    number = next(world.numbers)
    messages = messages_by(world, postbox.server())
    await ask(messages, number, "one@example.org")
    with pytest.raises(OtherMessage):
        await messages.take_once(f"message_{number}", "one@example.org", MessageKind.SIGN_IN_LINK, {"link": LINK})
    await send(messages)


async def test_without_a_mail_server_none_is_taken_and_ready_says_so(world: World) -> None:
    with pytest.raises(NoMailServer):
        await ask(messages_by(world, None), next(world.numbers), "x@example.org")
    client = NotificationsClient(world.accounts.service)
    assert await client.messages_ready() is False
    with pytest.raises(Problem, match=r"smtp\.host") as refused:
        await client.send_message("message_x", "x@example.org", "reset_password", {"link": LINK})
    assert (refused.value.status, refused.value.kind) == (409, "no-mail-server")


async def test_only_services_send_messages(world: World) -> None:
    ann = await world.someone()
    with pytest.raises(Problem) as refused:
        await ann.notifications.send_message("message_y", ann.email, "reset_password", {"link": LINK})
    assert refused.value.status == 404
    with pytest.raises(Problem) as ready:
        await ann.notifications.messages_ready()
    assert ready.value.status == 404


async def test_an_address_that_no_mail_can_have_ends_its_message_and_holds_up_no_other(
    world: World, postbox: Postbox
) -> None:
    """The library that reads addresses stumbles over some of them; whoever signs up may type any."""
    poisoned, good, messages = next(world.numbers), next(world.numbers), messages_by(world, postbox.server())
    await ask(messages, poisoned, ".@[")
    await ask(messages, good, "good@example.org")
    await send(messages)
    assert await state_of(world, poisoned) == ("failed", "Its address is none to send to.", True)
    assert (await state_of(world, good))[0] == "sent"
