"""An e-mail says the same in text and HTML, and nothing that others write gets into its headers or its markup."""

from contextlib import suppress
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogbank.notifications.mail.composing import TOLD_MAX, Told, composed, told
from fogbank.notifications.mail.envelope import Envelope, NoAddress, Sender, address_of
from fogbank.notifications.mail.links import Links
from fogbank.notifications.model import EventType

SENDER = Sender.of("Fogbank <billing@example.com>")
LINKS = Links("https://fog.example.com")
AT = datetime(2026, 11, 25, 14, 5, tzinfo=UTC)
HEADERS = {
    "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "List-Unsubscribe", "MIME-Version", "Content-Type",
}  # fmt: skip


def notice(title: str = "Storage of vm-1 is above its limit", text: str = "It is 512 GB now.") -> Told:
    return told(EventType.THRESHOLD_VIOLATION, title, text, AT, "vm-1")


def sent(*notices: Told, address: str = "ann@example.org") -> EmailMessage:
    """The e-mail as a mail server would read it."""
    message = composed(SENDER, Envelope("e1", address, AT), notices, LINKS)
    received = message_from_bytes(message.as_bytes(), policy=policy.default)
    assert isinstance(received, EmailMessage)
    return received


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def test_the_headers_say_what_machines_need_to_know() -> None:
    message = sent(notice())
    assert set(message.keys()) == HEADERS
    assert message["From"] == "Fogbank <billing@example.com>"
    assert message["Message-ID"] == "<e1@example.com>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe"] == "<https://fog.example.com/notifications/preferences>"
    assert message["Date"].datetime == AT
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_both_parts_say_title_text_time_and_where_to_go(kind: str) -> None:
    said = body(sent(notice()), kind)
    for words in ("above its limit", "It is 512 GB now.", "25 November 2026, 14:05 UTC", "vm-1", LINKS.notices):
        assert words in said


def test_a_digest_is_named_by_its_newest_and_says_all() -> None:
    message = sent(notice("First"), notice("Second"), notice("Third"))
    assert message["Subject"] == "Third, and 2 more"
    for kind in ("plain", "html"):
        assert all(title in body(message, kind) for title in ("First", "Second", "Third"))


def test_markup_of_others_is_text() -> None:
    said = body(sent(notice('<img src="https://evil.example/x.png">', "<script>alert(1)</script>")), "html")
    assert "<img" not in said
    assert "<script" not in said


def test_nothing_is_fetched_from_afar() -> None:
    said = body(sent(notice()), "html")
    assert "src=" not in said
    assert "url(" not in said


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_a_long_digest_tells_the_newest_and_how_many_more_there_are(kind: str) -> None:
    said = body(sent(*(notice(f"Number {number}.") for number in range(TOLD_MAX + 5))), kind)
    assert "Number 5." in said
    assert "Number 4." not in said
    assert "5 older ones are in the portal." in said


@given(st.text(min_size=1), st.text())
def test_no_title_adds_a_header(title: str, text: str) -> None:
    message = sent(notice(f"{title}\r\nBcc: all@example.org\r\n\r\nHello", text))
    assert set(message.keys()) == HEADERS


@pytest.mark.parametrize(
    "address",
    [
        "ann@example.org\r\nBcc: all@example.org",
        "ann@example.org, all@example.org",
        "ann@example.org>",
        "<ann@example.org>",
        "ann@example.org\n",
        "ann @example.org",
        "ann",
        "@example.org",
        "ann@",
        "",
    ],
)
def test_what_is_not_one_address_is_refused(address: str) -> None:
    with pytest.raises(NoAddress):
        sent(notice(), address=address)


@given(st.text(max_size=40))
def test_whatever_passes_for_an_address_is_one_recipient(text: str) -> None:
    try:
        address = address_of(f"{text}@example.org")
    except NoAddress:
        return
    message = EmailMessage(policy=policy.SMTP)
    message["To"] = address
    received = message_from_bytes(message.as_bytes(policy=policy.SMTPUTF8), policy=policy.default)
    assert received.keys() == ["To"]
    assert len(received["To"].addresses) == 1


@given(st.text(alphabet='.@[]\\"()<>:;,=?aé ', max_size=12), st.text(alphabet='.@[]\\"()<>:;,=?aé ', max_size=12))
def test_what_is_no_address_is_said_to_be_none_whatever_it_is(local: str, domain: str) -> None:
    with suppress(NoAddress):
        assert address_of(f"{local}@{domain}").addr_spec
