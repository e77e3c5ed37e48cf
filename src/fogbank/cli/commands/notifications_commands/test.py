"""`fogbank notifications test`: sends one e-mail, and says what the mail server said to it."""

import asyncio
from typing import Annotated

import typer

from fogbank.cli.failures import Refused
from fogbank.cli.mail import mail_server_of, sender_of
from fogbank.cli.options import DataOption, JsonOption, settings_of
from fogbank.cli.terminal import MISUSED, as_sentence, out, print_json
from fogbank.kernel.ids import new_id
from fogbank.notifications.mail.composing import Told, composed
from fogbank.notifications.mail.envelope import Envelope, NoAddress
from fogbank.notifications.mail.links import Links
from fogbank.notifications.mail.server import MailServer, NotTaken
from fogbank.runtime.clock import now_utc
from fogbank.runtime.entropy import system_entropy
from fogbank.runtime.settings import Settings
from fogbank.runtime.supervisor.run_file import running_system

ID_BYTES = 16


def send_test(
    *,
    to: Annotated[str, typer.Option(help="The address to send it to.", show_default=False)],
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Send one e-mail by the mail server of the settings, and say what the server said."""
    settings = settings_of({"data": ("--data", data)}).settings
    server = mail_server_of(settings)
    if server is None:
        raise Refused(
            "smtp.host is not set, so no e-mails are sent; set FOGBANK_SMTP_HOST, or host in [smtp].", MISUSED
        )
    said = asyncio.run(_sent(settings, server, to))
    if json:
        print_json({"server": server.name, "to": to, "said": said})
        return
    out.print(f"[good]✓[/] {server.name} took it: {said}", soft_wrap=True)


async def _sent(settings: Settings, server: MailServer, to: str) -> str:
    now = now_utc()
    notice = Told(
        label="Test",
        tone="good",
        title="E-mails of Fogbank arrive here",
        text=f"{server.name} took this one, and so it will take others.",
        occurred_at=now,
        topic="tests of the mail server",
    )
    envelope = Envelope(new_id("test", system_entropy(ID_BYTES)), to, now)
    try:
        links = Links(_where_people_look(settings))
        return await server.send(composed(sender_of(settings), envelope, [notice], links))
    except NoAddress:
        raise Refused(f"--to is '{to}', and that is no address to send to.", MISUSED) from None
    except NotTaken as error:
        raise Refused(as_sentence(f"{server.name} did not take it: {error}")) from None


def _where_people_look(settings: Settings) -> str:
    """The portal's URL: that of the system which runs, else as it is set."""
    run = running_system(settings.data)
    return settings.public_url if run is None else run.url
