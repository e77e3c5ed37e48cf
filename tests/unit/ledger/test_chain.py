"""A batch's hash can be recomputed by anybody from what the ledger says, byte by byte."""

from datetime import UTC, datetime
from hashlib import sha256

from fogbank.accounts.ledger.chain import GENESIS
from fogbank.accounts.ledger.model import Head
from fogbank.accounts.ledger.posting.books import Books
from fogbank.accounts.ledger.posting.operations import Charge, Deposit
from fogbank.accounts.ledger.posting.sheet import Draft

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def books_with_numbers() -> Books:
    books = Books(Head(0, 0, NOW, GENESIS), NOW)
    owner = books.open_owner("org_a")
    names = (owner.customer, owner.arrears, "deposits", "revenue")
    books.numbers.update({name: number for number, name in enumerate(names, 1)})
    return books


def test_a_batch_is_hashed_as_the_text_that_is_documented() -> None:
    draft = Draft(books_with_numbers())
    draft.add(Deposit(id="d1", account_id="org_a", amount_micros=100))
    draft.add(Charge(id="c1", account_id="org_a", amount_micros=130, memo="back\\slash"))
    sheet = draft.finish()
    text = (
        "1\t1772323200000000\t" + "00" * 32 + "\n"
        "1\td1\tdeposit\torg_a\t100\t0\t100\t0\t100\t\t\n"
        "2\tc1\tcharge\torg_a\t130\t0\t-100\t-30\t0\tback\\\\slash\t\n"
        "1\tcustomer:org_a\t100\t100\n"
        "1\tdeposits\t-100\t-100\n"
        "2\tarrears:org_a\t-30\t-30\n"
        "2\tcustomer:org_a\t-100\t0\n"
        "2\trevenue\t130\t130\n"
    )
    assert sheet.head.hash == sha256(text.encode()).digest()


def test_a_batch_follows_the_one_before() -> None:
    books = books_with_numbers()
    heads = []
    for number in (1, 2):
        draft = Draft(books)
        draft.add(Deposit(id=f"d{number}", account_id="org_a", amount_micros=1))
        heads.append(draft.finish().head)
    assert [(head.batch, head.sequence) for head in heads] == [(1, 1), (2, 2)]
    assert heads[0].hash != heads[1].hash


def test_a_batch_in_which_all_is_refused_leaves_the_chain_where_it_is() -> None:
    books = books_with_numbers()
    sheet = Draft(books).finish()
    assert sheet.is_empty
    assert books.head.batch == 0
