"""`fogbank notifications test` says what the mail server said, whatever that is."""

import asyncio
import json
from pathlib import Path

import pytest
from tests.integration.notifications.postbox import Postbox
from typer.testing import CliRunner, Result

from fogbank.cli.commands.notifications import app
from fogbank.cli.failures import Refused
from fogbank.runtime.ports import LOOPBACK

TO = "ann@example.org"


async def run(data: Path, postbox: Postbox | None, *arguments: str, to: str = TO, tls: str = "none") -> Result:
    """The command, in a thread of its own, since it runs a loop of its own."""
    environment = {"FOGBANK_DATA": str(data), "FOGBANK_SMTP_TLS": tls}
    if postbox is not None:
        environment |= {"FOGBANK_SMTP_HOST": LOOPBACK, "FOGBANK_SMTP_PORT": str(postbox.port)}
    return await asyncio.to_thread(CliRunner().invoke, app, ["test", "--to", to, *arguments], env=environment)


async def test_it_sends_one_email_and_says_what_the_server_said(tmp_path: Path, postbox: Postbox) -> None:
    result = await run(tmp_path, postbox, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["said"] == "2.0.0 Ok: queued as 4F2B"
    [message] = postbox.came[TO]
    assert message["Subject"] == "E-mails of Fogbank arrive here"


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        ({"to": "nobody@example.org"}, 1, "550 5.1.1 No such mailbox."),
        ({"to": "ann@example.org\nBcc: all@example.org"}, 2, "no address to send to"),
        ({"tls": "starttls"}, 1, "STARTTLS"),
    ],
)
async def test_what_went_wrong_is_one_sentence(
    tmp_path: Path, postbox: Postbox, options: dict[str, str], code: int, said: str
) -> None:
    postbox.answer_to_recipient = "550 5.1.1 No such mailbox"
    result = await run(tmp_path, postbox, **options)
    assert isinstance(result.exception, Refused)
    assert result.exception.code == code
    assert said in str(result.exception)
    assert not postbox.came


async def test_where_no_mail_server_is_set_it_says_how_to_set_one(tmp_path: Path) -> None:
    result = await run(tmp_path, None)
    assert isinstance(result.exception, Refused)
    assert result.exception.code == 2
    assert "FOGBANK_SMTP_HOST" in str(result.exception)
