"""The ledger's SQL for whose matter an operation is, before it is posted."""

from collections.abc import Sequence

from fogbank.accounts.ledger.model import grant_in, grant_name, owner_in
from fogbank.accounts.ledger.posting.hold_operations import Capture, ExpireHold, ExtendHold, Release
from fogbank.accounts.ledger.posting.leg_operations import Move, Post, Reverse
from fogbank.accounts.ledger.posting.operations import AnyOperation, GrantEnding
from fogbank.runtime.database import Connection

OF_HOLD = "SELECT account_id FROM ledger.holds WHERE id = %s"
OF_GRANTS = "SELECT DISTINCT owner_id FROM ledger.accounts WHERE name = ANY(%s::text[])"
OF_TRANSFER = "SELECT account_id FROM ledger.transfers WHERE id = %s"


async def account_of(connection: Connection, operation: AnyOperation) -> str:
    """The account that `operation` is of, or that what it names is of; empty where there is none, or several."""
    match operation:
        case ExtendHold() | Capture() | Release() | ExpireHold():
            return await _found(connection, OF_HOLD, operation.hold_id)
        case Reverse():
            return await _found(connection, OF_TRANSFER, operation.transfer_id)
        case Move():
            return await _only_owner(connection, [operation.from_name, operation.to_name])
        case Post():
            return await _only_owner(connection, [name for name, _ in operation.legs])
        case _ if isinstance(operation, GrantEnding):
            return await _only_owner(connection, [grant_name(operation.grant_id)])
        case _:
            return operation.account_id


async def _only_owner(connection: Connection, names: Sequence[str]) -> str:
    owners = {owner for name in names if (owner := owner_in(name)) is not None}
    if grants := [name for name in names if grant_in(name) is not None]:
        cursor = await connection.execute(OF_GRANTS, [grants])
        owners |= {owner for (owner,) in await cursor.fetchall()}
    return owners.pop() if len(owners) == 1 else ""


async def _found(connection: Connection, query: str, key: str) -> str:
    cursor = await connection.execute(query, [key])
    return next((account_id for (account_id,) in await cursor.fetchall()), "")
