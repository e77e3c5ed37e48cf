"""A process that sends e-mails until it is killed. Arguments: the database's URL, the mail server's port, the time."""

import asyncio
import sys
from datetime import datetime

from fogbank.notifications.mail.envelope import Sender
from fogbank.notifications.mail.links import Links
from fogbank.notifications.mail.mailer import mailer
from fogbank.notifications.mail.server import MailServer
from fogbank.runtime.database import Database
from fogbank.runtime.ports import LOOPBACK


async def send(url: str, port: str, now: str) -> None:
    server = MailServer(LOOPBACK, int(port), "none", "", "")
    sender, links = Sender.of("Fogbank <billing@example.com>"), Links("https://fog.example.com")
    async with Database.open(url) as database:
        mail = mailer(database, server, sender, links, clock=lambda: datetime.fromisoformat(now), per_hour_max=4)
        await mail.run()


asyncio.run(send(*sys.argv[1:]))
