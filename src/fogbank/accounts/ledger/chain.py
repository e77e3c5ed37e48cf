r"""The chain of batches: each batch's hash covers what it posted and the hash before it, so nothing can change unseen.

A batch is hashed as UTF-8 text, which needs nothing of ours to be recomputed. Fields are separated by tabs, lines end
with a newline, and a backslash in a memo or in details is doubled (the text that PostgreSQL's COPY writes):

    number  posted_at (microseconds since 1970)  previous hash (hex)
    sequence  id  kind  account_id  amount  grants  credit  arrears  balance  memo  details     one line a transfer
    sequence  ledger account's name  amount  its balance afterwards                             one line an entry

Transfers come in order of sequence, then the entries in order of sequence and name. The hash is its SHA-256; the first
batch follows 32 zero bytes.

This is format 1, and all there is: what a kind of transfer has to say beyond these fields is in its details. A format 2
would say so in the header, by a field that format 1 does not have.
"""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

from fogbank.accounts.ledger.model import Transfer
from fogbank.kernel.periods import microseconds_of

GENESIS = bytes(32)


def transfer_front(sequence: int, transfer: Transfer) -> str:
    """The fields of a transfer's line before its memo: ids and numbers, in which nothing needs an escape."""
    return (
        f"{sequence}\t{transfer.id}\t{transfer.kind}\t{transfer.account_id}\t{transfer.amount_micros}\t"
        f"{transfer.grants_micros}\t{transfer.credit_micros}\t{transfer.arrears_micros}\t{transfer.balance_micros}"
    )


def transfer_line(front: str, transfer: Transfer) -> str:
    """A transfer's line, from its front."""
    memo, details = transfer.memo, transfer.details
    if "\\" in memo or "\\" in details:
        memo, details = memo.replace("\\", "\\\\"), details.replace("\\", "\\\\")
    return f"{front}\t{memo}\t{details}\n"


def header_line(number: int, posted_at: datetime, previous_hash: bytes) -> str:
    return f"{number}\t{microseconds_of(posted_at)}\t{previous_hash.hex()}\n"


def batch_hash(header: str, transfer_lines: Iterable[str], entry_lines: Iterable[str]) -> bytes:
    """The hash of a batch."""
    return sha256("".join((header, *transfer_lines, *entry_lines)).encode()).digest()
