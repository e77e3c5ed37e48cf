"""Service accounts as people read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from fogbank.accounts.client import ServiceAccountView
from fogbank.portal.formats import Formats
from fogbank.portal.views.ages import moment
from fogbank.portal.views.settings.keys import ALL_OF_ROLE, SecretRow, secret_rows
from fogbank.portal.views.settings.scopes import in_short, in_words
from fogbank.runtime.credentials.key_format import CLIENT_SECRET_PREFIX

ROLES = (
    ("viewer", "Viewer: sees everything, changes nothing"),
    ("member", "Member: works with instances"),
    ("billing", "Billing: pays"),
    ("admin", "Admin: runs the organisation"),
)
"""No machine owns an organisation."""


@dataclass(frozen=True, slots=True)
class MachineRow:
    """One service account; its id is the `client_id` of its tokens."""

    id: str
    name: str
    role: str
    is_ended: bool
    may: str
    may_words: Sequence[str]
    made: str
    secrets: Sequence[SecretRow]
    path: str


@dataclass(frozen=True, slots=True)
class MachinesPart:
    """Those that hold, the newest first, and those that were revoked."""

    holding: Sequence[MachineRow]
    ended: Sequence[MachineRow]


def machines_part(accounts: Sequence[ServiceAccountView], formats: Formats) -> MachinesPart:
    newest = sorted(accounts, key=lambda account: account.created_at, reverse=True)
    rows = [machine_row(account, formats) for account in newest]
    return MachinesPart([row for row in rows if not row.is_ended], [row for row in rows if row.is_ended])


def machine_row(account: ServiceAccountView, formats: Formats) -> MachineRow:
    return MachineRow(
        id=account.id,
        name=account.name,
        role=account.role.capitalize(),
        is_ended=account.revoked_at is not None,
        may=in_short(account.scopes),
        may_words=in_words(account.scopes, all_of=ALL_OF_ROLE),
        made=moment(account.created_at, formats),
        secrets=secret_rows(CLIENT_SECRET_PREFIX, account.secrets, formats),
        path=f"/settings/machines/{quote(account.id)}",
    )
