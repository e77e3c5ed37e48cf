"""Messages: each kind says its piece, takes exactly its data, and nothing that others wrote becomes a header."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogbank.notifications.mail.envelope import NoAddress, Sender
from fogbank.notifications.messages.composing import composed
from fogbank.notifications.messages.errors import WrongData
from fogbank.notifications.messages.model import Message, MessageKind
from fogbank.notifications.messages.rules import (
    MAY_TAKE,
    TAKES,
    require_data,
    words_of,
)

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
SENDER = Sender.of("Fogbank <accounts@example.com>")
URL = "https://fog.example.com"
kinds = st.sampled_from(MessageKind)
texts = st.text(max_size=300)


def data_of(kind: MessageKind, text: str = "x") -> dict[str, str]:
    names = TAKES[kind] | MAY_TAKE.get(kind, frozenset())
    return {name: f"{URL}/reset?token=t0ken" if name == "link" else text for name in names}


@given(kind=kinds, text=texts)
def test_whatever_names_hold_they_make_no_header_and_no_markup(kind: MessageKind, text: str) -> None:
    email = composed(SENDER, Message("m_1", "ann@example.org", kind, data_of(kind, text), NOW), URL)
    assert [name.lower() for name in email] == [
        *("from", "to", "subject", "date", "message-id", "auto-submitted"),
        *("mime-version", "content-type"),
    ]
    assert email["To"] == "ann@example.org"
    html = email.get_body(("html",))
    assert html is not None
    assert "<script" not in html.get_content()


@pytest.mark.parametrize("kind", MessageKind)
def test_text_and_html_say_the_same_and_lead_to_the_same_place(kind: MessageKind) -> None:
    email = composed(SENDER, Message("m_1", "ann@example.org", kind, data_of(kind, "Acme"), NOW), URL)
    plain, html = email.get_body(("plain",)), email.get_body(("html",))
    assert plain is not None
    assert html is not None
    words = words_of(kind, data_of(kind, "Acme"))
    for content in (plain.get_content(), html.get_content()):
        assert words.link in content
        assert words.after in content


@pytest.mark.parametrize("kind", MessageKind)
def test_a_kind_takes_its_data_and_nothing_else(kind: MessageKind) -> None:
    require_data(kind, data_of(kind))
    with pytest.raises(WrongData, match="unknown"):
        require_data(kind, {**data_of(kind), "colour": "red"})
    with pytest.raises(WrongData, match="missing"):
        require_data(kind, {})


def test_an_address_that_is_two_is_none() -> None:
    message = Message("m_1", "a@example.org, b@example.org", MessageKind.RESET_PASSWORD, {"link": URL}, NOW)
    with pytest.raises(NoAddress):
        composed(SENDER, message, URL)


def test_a_messages_repr_does_not_tell_its_link() -> None:
    assert "t0ken" not in repr(Message("m", "a@b", MessageKind.SIGN_IN_LINK, {"link": "t0ken"}, NOW))
