"""For whom a caller may send readings. Pure.

A reading costs its payer money, so seeing the account is not enough: in an organisation it takes a role that may add
instances to it. Somebody else's account and one that does not exist are refused in the same words.
"""

from dataclasses import replace
from enum import StrEnum

from fogbank.accounts.client import Permission, allows
from fogbank.events.fields import Fields
from fogbank.kernel.ids import payer_of
from fogbank.queue.door.reading import BodyEvents, WrongEvent
from fogbank.runtime.auth import Caller

NOT_YOURS = "is no account that you may send readings for"


class Senders(StrEnum):
    """Whom the door is open to. Services may send in any case."""

    EVERYONE = "everyone"
    ADMINISTRATORS = "administrators"

    def include(self, caller: Caller) -> bool:
        return self is Senders.EVERYONE or caller.sees_everything


def may_send_for(caller: Caller, account_id: str) -> bool:
    """Whether `caller` may send readings that `account_id` pays for."""
    if caller.sees_everything or account_id == caller.id:
        return True
    return allows(caller.organizations.get(account_id), Permission.SEND_READINGS)


def only_own(events: BodyEvents, caller: Caller) -> BodyEvents:
    """The events, those whose payer the caller may not send for among the wrong ones."""
    if caller.sees_everything:
        return events
    payers = map(payer_of, events.fields.user_ids, events.fields.org_ids)
    foreign: set[str] = {payer for payer in set(payers) if not may_send_for(caller, payer)}
    return _without(events, foreign) if foreign else events


def _without(events: BodyEvents, foreign: set[str]) -> BodyEvents:
    valid, ordinals, wrong = [], [], list(events.wrong)
    for ordinal, event in zip(events.ordinals, events.valid, strict=True):
        if payer_of(event.user_id, event.org_id) in foreign:
            wrong.append(WrongEvent(ordinal, "org_id" if event.org_id else "user_id", NOT_YOURS))
        else:
            valid.append(event)
            ordinals.append(ordinal)
    wrong.sort(key=lambda each: each.ordinal)
    return replace(events, valid=valid, fields=Fields.of(valid), ordinals=ordinals, wrong=wrong, lines=None)
