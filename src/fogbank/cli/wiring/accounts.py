"""Accounts: the database, the directory of secrets, and notifications where there are any, to send e-mails by."""

from fogbank.accounts.component import open_accounts
from fogbank.accounts.oidc.opening import OidcTerms
from fogbank.accounts.signing_in.opening import SignInTerms
from fogbank.cli.wiring.process import Process
from fogbank.notifications.client import NotificationsClient
from fogbank.runtime.component import Component

SERVICE = "accounts"


async def opened(process: Process) -> Component:
    settings = process.settings
    opening = open_accounts(
        database=await process.database(),
        secrets=process.secrets,
        clock=process.clock,
        notifications=_notifications(process),
        public_url=settings.public_url,
        queue=await process.queue() if settings.queue.url else None,
        signing_key_days=settings.accounts.signing_key_days,
        terms=SignInTerms(
            sign_up=settings.accounts.sign_up,
            session_days=settings.accounts.session_days,
            session_lifetime=settings.accounts.session_lifetime,
            breach_list_url=settings.accounts.breach_list_url,
        ),
        oidc_terms=OidcTerms(settings.oidc.allow_private, settings.oidc.plain_http == "allowed"),
    )
    return await process.stack.enter_async_context(opening)


def _notifications(process: Process) -> NotificationsClient | None:
    """None in a process that reaches no notifications: then no e-mails are sent."""
    if "notifications" not in process.names and not process.settings.services.url:
        return None
    return NotificationsClient(process.service("notifications", as_service=SERVICE))
