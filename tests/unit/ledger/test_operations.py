"""An operation that exists is well formed: whatever none may hold is refused, with its field."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogbank.accounts.ledger.errors import NotAnOperation
from fogbank.accounts.ledger.model import Force, GrantKind
from fogbank.accounts.ledger.posting.operations import (
    AnyOperation,
    Capture,
    Deduct,
    ExpireGrant,
    ExpireHold,
    ExtendHold,
    Freeze,
    GrantCredit,
    Move,
    PlaceHold,
    Post,
    Release,
    Reverse,
    VoidGrant,
    WriteOff,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PAST_THE_CALENDAR = datetime.max.replace(tzinfo=timezone(timedelta(hours=-12)))
BEFORE_THE_CALENDAR = datetime.min.replace(tzinfo=timezone(timedelta(hours=14)))


def hold_of(hold_id: str, expires_at: datetime = NOW) -> PlaceHold:
    return PlaceHold(id=hold_id, account_id="org_a", amount_micros=1, expires_at=expires_at)


def grant_until(expires_at: datetime) -> GrantCredit:
    return GrantCredit(id="g", account_id="org_a", amount_micros=1, grant_kind=GrantKind.PAID, expires_at=expires_at)


@pytest.mark.parametrize(
    ("field", "build"),
    [
        ("id", lambda: Deduct(id="expire_hold:h", account_id="org_a", amount_micros=1)),
        ("id", lambda: Deduct(id="expire_grant:g", account_id="org_a", amount_micros=1)),
        ("legs", lambda: Post(id="a", legs=(("revenue", 1),))),
        ("legs", lambda: Post(id="a", legs=tuple((f"customer:o{n}", (-1) ** n) for n in range(18)))),
        ("legs", lambda: Post(id="a", legs=(("revenue", 1), ("tax", -2)))),
        ("legs", lambda: Post(id="a", legs=(("revenue", 0), ("tax", 0)))),
        ("legs", lambda: Post(id="a", legs=(("revenue", 1), ("revenue", -1)))),
        ("legs", lambda: Post(id="a", legs=(("revenue", 10**17 + 1), ("tax", -(10**17) - 1)))),
        ("legs", lambda: Post(id="a", legs=(("pocket", 1), ("tax", -1)))),
        ("legs", lambda: Post(id="a", legs=(("grant:", 1), ("tax", -1)))),
        ("legs", lambda: Post(id="a", legs=(("customer:a b", 1), ("tax", -1)))),
        ("from", lambda: Move(id="a", amount_micros=1, from_name="grant:g", to_name="tax")),
        ("to", lambda: Capture(id="a", hold_id="h", to_name="grant:g")),
        ("to", lambda: Capture(id="a", hold_id="h", to_name="pocket")),
        ("amount", lambda: Capture(id="a", hold_id="h", part_micros=0)),
        ("amount", lambda: WriteOff(id="a", account_id="org_a", amount_micros=0)),
        ("transfer_id", lambda: Reverse(id="a", transfer_id="a b")),
        ("hold_id", lambda: Release(id="a", hold_id='h"')),
        ("hold_id", lambda: Capture(id="a", hold_id="")),
        ("hold_id", lambda: ExtendHold(id="a", hold_id="a b", expires_at=NOW)),
        ("expires_at", lambda: ExtendHold(id="a", hold_id="h", expires_at=NOW.replace(tzinfo=None))),
        ("expires_at", lambda: ExtendHold(id="a", hold_id="h", expires_at=PAST_THE_CALENDAR)),
        ("expires_at", lambda: hold_of("h", PAST_THE_CALENDAR)),
        ("expires_at", lambda: grant_until(BEFORE_THE_CALENDAR)),
        ("id", lambda: hold_of("h" * 191)),
        ("grant_id", lambda: VoidGrant(id="a", grant_id="")),
        ("reason", lambda: Freeze(id="a", account_id="org_a")),
        ("reason", lambda: Freeze(id="a", account_id="org_a", memo="  ")),
        ("account_id", lambda: Freeze(id="a", account_id="", memo="why")),
    ],
)
def test_what_no_operation_may_hold_is_refused_with_its_field(field: str, build: Callable[[], AnyOperation]) -> None:
    with pytest.raises(NotAnOperation) as refused:
        build()
    assert refused.value.field == field


@given(st.permutations([("revenue", 5), ("tax", -2), ("customer:org_a", -4), ("grant:g", 1)]))
def test_the_order_of_legs_is_no_part_of_the_content(legs: list[tuple[str, int]]) -> None:
    post = Post(id="a", legs=tuple(legs))
    assert post.details == '[["customer:org_a",-4],["grant:g",1],["revenue",5],["tax",-2]]'
    assert post.amount_micros == 6


def test_what_reverses_or_ends_names_its_target_first_in_its_details() -> None:
    # The database's unique indexes and the audit find it there.
    assert Reverse(id="a", transfer_id="t").details == '["t",null]'
    assert Reverse(id="a", transfer_id="t", force=Force.WRITE_OFF).details == '["t","write_off"]'
    assert VoidGrant(id="a", grant_id="g").details == '["g"]'
    assert ExpireGrant.of("g").details == '["g"]'
    assert ExpireHold.of("h").details == '["h"]'


def test_the_expiry_of_one_hold_or_grant_is_always_the_same() -> None:
    longest = "x" * 200
    assert ExpireHold.of(longest) == ExpireHold.of(longest)
    assert ExpireHold.of("h").id != ExpireGrant.of("h").id
