"""Other issuers: those that open one's account, and those that could."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from fogbank.accounts.client.issuers import IssuerChoiceView, IssuerLinkView
from fogbank.portal.formats import Formats
from fogbank.portal.views.ages import age


@dataclass(frozen=True, slots=True)
class IssuerRow:
    """One issuer. With a `link_id` it opens the account, and `act` is where that ends; else `act` begins it."""

    name: str
    detail: str
    link_id: str
    act: str


def issuer_rows(
    choices: Sequence[IssuerChoiceView], links: Sequence[IssuerLinkView], now: datetime, formats: Formats
) -> list[IssuerRow]:
    """The linked ones first, then the others."""
    names = {choice.id: choice.name for choice in choices}
    linked = [_linked(link, names, now, formats) for link in links]
    known = {link.issuer_id for link in links}
    others = [
        IssuerRow(choice.name, "Not linked", "", f"/sign-in/oidc/{quote(choice.id)}")
        for choice in choices
        if choice.id not in known
    ]
    return [*linked, *others]


def _linked(link: IssuerLinkView, names: dict[str, str], now: datetime, formats: Formats) -> IssuerRow:
    used = f"used {age(link.last_used_at, now, formats)}" if link.last_used_at else "never used since"
    return IssuerRow(
        name=names.get(link.issuer_id, link.issuer_id),
        detail=f"{link.email} · linked {age(link.created_at, now, formats)} · {used}",
        link_id=link.id,
        act=f"/settings/security/issuers/{quote(link.id)}/unlink",
    )
