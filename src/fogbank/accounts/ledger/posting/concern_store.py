"""The ledger's SQL for whose matter an operation is, before it is posted."""

from fogbank.accounts.ledger.model import grant_name, owner_in
from fogbank.accounts.ledger.posting.hold_operations import Capture, ExpireHold, ExtendHold, Release
from fogbank.accounts.ledger.posting.leg_operations import Move, Post, Reverse
from fogbank.accounts.ledger.posting.operations import AnyOperation, GrantEnding
from fogbank.runtime.database import Connection

OF_HOLD = "SELECT account_id FROM ledger.holds WHERE id = %s"
OF_GRANT = "SELECT owner_id FROM ledger.accounts WHERE name = %s"
OF_TRANSFER = "SELECT account_id FROM ledger.transfers WHERE id = %s"


async def account_of(connection: Connection, operation: AnyOperation) -> str:
    """The account that `operation` is of, or that what it names is of; empty where there is none, or several."""
    match operation:
        case ExtendHold() | Capture() | Release() | ExpireHold():
            return await _found(connection, OF_HOLD, operation.hold_id)
        case Reverse():
            return await _found(connection, OF_TRANSFER, operation.transfer_id)
        case Move():
            return _only_owner(operation.from_name, operation.to_name)
        case Post():
            return _only_owner(*(name for name, _ in operation.legs))
        case _ if isinstance(operation, GrantEnding):
            return await _found(connection, OF_GRANT, grant_name(operation.grant_id))
        case _:
            return operation.account_id


def _only_owner(*names: str) -> str:
    owners = {owner for name in names if (owner := owner_in(name)) is not None}
    return owners.pop() if len(owners) == 1 else ""


async def _found(connection: Connection, query: str, key: str) -> str:
    cursor = await connection.execute(query, [key])
    return next((account_id for (account_id,) in await cursor.fetchall()), "")
