"""Acts on money over HTTP: many at once, by hand with a reason, and what owners and administrators read of them."""

import csv
from datetime import timedelta

import httpx
import pytest
from tests.clock import MovingClock

from fogbank.accounts.ledger.client import (
    AccountDeduction,
    FreezeRequest,
    LedgerClient,
    LegRequest,
    ReversalRequest,
    TransferRequest,
    VoidRequest,
    WriteOffRequest,
)
from fogbank.runtime.database import Database
from fogbank.runtime.problems import Problem

ROOT = {"authorization": "Bearer root"}
ANN = {"authorization": "Bearer ann"}
BILLING = {"authorization": "Bearer billing"}
FOG = "/api/v1/accounts/org_fog"


async def test_each_of_many_deductions_is_made_or_refused_for_itself_and_told_in_order(
    client: LedgerClient, http: httpx.AsyncClient
) -> None:
    await client.deposit("org_fog", "10", id="d1")
    await client.deposit("org_b", "1", id="d2")
    asked = [
        AccountDeduction("one", "org_fog", "4", "tea"),
        AccountDeduction("two", "org_b", "2"),
        AccountDeduction("one", "org_b", "1"),
        AccountDeduction("a b", "org_b", "1"),
        AccountDeduction("bad", "org fog", "1"),
        AccountDeduction("one", "org_fog", "5", "tea"),
        AccountDeduction("more", "org_fog", "6.0000001"),
    ]
    told = await client.deduct_all(asked)
    assert [result.id for result in told.results] == [each.id for each in asked]
    assert [result.status for result in told.results] == [200, 402, 200, 422, 422, 409, 422]
    assert (told.deducted, told.refused) == (2, 5)
    problem = told.results[1].problem
    assert problem is not None
    assert (problem["type"], problem["available"]) == ("urn:fogbank:problem:balance-too-low", "1.00")
    again = await client.deduct_all(asked)
    assert [result.transfer for result in again.results] == [result.transfer for result in told.results]
    # An item's id is the Idempotency-Key of a deduction alone.
    first = told.results[0].transfer
    assert await client.deduct("org_fog", "4", "one", "tea") == first
    answer = await http.post(
        f"{FOG}/deduct:batch", json=[{"id": "one", "amount": "4", "description": "tea"}], headers=BILLING
    )
    assert answer.json()["results"][0]["transfer"]["id"] == (first and first.id)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"[{]", "body"),
        (b"{}", "body"),
        (b'[{"id":"a"}]', "body[0]"),
        (b'[{"id":"a","amount":1}]', "body[0].amount"),
        (b"[" + b",".join([b'{"id":"a","amount":"1"}'] * 10_001) + b"]", "body"),
    ],
)
async def test_a_batch_that_is_none_is_refused_with_its_place(http: httpx.AsyncClient, body: bytes, field: str) -> None:
    headers = {**BILLING, "content-type": "application/json"}
    answer = await http.post(f"{FOG}/deduct:batch", content=body, headers=headers)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].replace("[...]", "[0]") == field


@pytest.mark.parametrize("caller", [{"authorization": "Bearer billing"}, {**ROOT, "fogbank-reason": "by hand"}])
async def test_an_expiry_outside_of_the_calendar_is_refused_and_keeps_nobody_else_from_posting(
    client: LedgerClient, http: httpx.AsyncClient, caller: dict[str, str]
) -> None:
    await client.deposit("org_fog", "10", id="d1")
    late = {"id": "h1", "account_id": "org_fog", "amount": "1", "expires_at": "9999-12-31T23:59:59-12:00"}
    answer = await http.post("/api/v1/ledger/holds", json=late, headers=caller)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "expires_at")
    assert (await client.deduct("org_fog", "1", "k")).balance == "9.00"


async def test_a_hold_that_was_placed_can_be_taken_however_long_its_id_is(
    client: LedgerClient, clock: MovingClock
) -> None:
    await client.deposit("org_fog", "10", id="d1")
    longest = "h" * 190
    await client.hold("org_fog", "4", expires_at=clock() + timedelta(days=1), id=longest)
    assert (await client.capture(longest)).balance == "6.00"
    with pytest.raises(Problem) as refused:
        await client.hold("org_fog", "4", expires_at=clock() + timedelta(days=1), id=longest + "h")
    assert refused.value.status == 422


async def test_an_administrator_says_why_and_it_is_in_the_log(
    client: LedgerClient, http: httpx.AsyncClient, ledger_database: Database
) -> None:
    await client.deposit("org_fog", "10", id="d1")
    freeze = {"id": "freeze-1", "account_id": "org_fog"}
    for path, body in (("ledger/freezes", freeze), ("accounts/org_fog/deduct", {"amount": "1"})):
        answer = await http.post(f"/api/v1/{path}", json=body, headers={**ROOT, "idempotency-key": "k"})
        assert (answer.status_code, answer.json()["type"]) == (422, "urn:fogbank:problem:reason-needed")
    answer = await http.post("/api/v1/ledger/freezes", json=freeze, headers={**ROOT, "fogbank-reason": "fraud?"})
    assert (answer.status_code, answer.json()["memo"]) == (200, "fraud?")
    assert (await client.as_caller("ann").balance("org_fog")).is_frozen
    with pytest.raises(Problem) as frozen:
        await client.deduct("org_fog", "1", "k")
    assert (frozen.value.status, frozen.value.kind) == (409, "account-frozen")
    async with ledger_database.connection() as connection:
        cursor = await connection.execute(
            "SELECT actor_id, action, subject, account_id, reason FROM accounts.activity ORDER BY number DESC LIMIT 1"
        )
        assert await cursor.fetchall() == [("user_root", "ledger.freeze", "transfer:freeze-1", "org_fog", "fraud?")]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("ledger/deposits", {"id": "a", "account_id": "user_root", "amount": "1"}),
        ("ledger/grants", {"id": "a", "account_id": "user_root", "amount": "1", "kind": "promotional"}),
        ("ledger/credit-limits", {"id": "a", "account_id": "user_root", "limit": "1"}),
        (
            "ledger/transfers",
            {
                "id": "a",
                "legs": [{"account": "customer:user_root", "amount": "1"}, {"account": "grant:g1", "amount": "-1"}],
            },
        ),
    ],
)
async def test_an_administrator_says_why_they_give_to_themselves_too(
    client: LedgerClient, http: httpx.AsyncClient, path: str, body: dict[str, object]
) -> None:
    await client.grant("org_fog", "5", kind="promotional", id="g1")
    silent = await http.post(f"/api/v1/{path}", json=body, headers=ROOT)
    assert (silent.status_code, silent.json()["type"]) == (422, "urn:fogbank:problem:reason-needed")
    told = await http.post(f"/api/v1/{path}", json=body, headers={**ROOT, "fogbank-reason": "a test of mine"})
    assert told.status_code == 200


async def test_what_is_undone_written_off_and_voided_is_once_and_linked(client: LedgerClient) -> None:
    await client.deposit("org_fog", "10", id="d1")
    deducted = await client.deduct("org_fog", "4", "k")
    undone = await client.reverse(ReversalRequest("undo", deducted.id))
    assert await client.reverse(ReversalRequest("undo", deducted.id)) == undone
    with pytest.raises(Problem) as again:
        await client.reverse(ReversalRequest("undo-2", deducted.id))
    assert (again.value.status, again.value.kind) == (409, "already-reversed")
    page = await client.as_caller("ann").transfers("org_fog")
    assert [(each.kind, each.reverses, each.reversed_by) for each in page.transfers[:2]] == [
        ("reverse", deducted.id, None),
        ("deduct", None, "undo"),
    ]
    await client.grant("org_fog", "3", kind="promotional", id="gift")
    assert (await client.void_grant("gift", VoidRequest("void"))).balance == "10.00"
    with pytest.raises(Problem) as missing:
        await client.void_grant("other", VoidRequest("void-2"))
    assert missing.value.status == 404
    legs = [LegRequest("arrears:org_fog", "-5"), LegRequest("revenue", "4"), LegRequest("tax", "1")]
    await client.transfer(TransferRequest("owed", legs))
    await client.write_off(WriteOffRequest("off", "org_fog", "5"))
    assert (await client.balance("org_fog")).arrears == "0.00"
    await client.freeze(FreezeRequest("f", "org_fog", "by hand"))
    assert not (await client.unfreeze(FreezeRequest("u", "org_fog", "by hand"))).amount.strip("0.")


async def test_owners_see_their_own_legs_and_administrators_all(client: LedgerClient, http: httpx.AsyncClient) -> None:
    await client.deposit("org_fog", "10", id="d1")
    for headers, accounts in ((ANN, ["customer:org_fog"]), (ROOT, ["customer:org_fog", "deposits"])):
        answer = await http.get(f"{FOG}/transfers", headers=headers)
        assert [leg["account"] for leg in answer.json()["transfers"][0]["legs"]] == accounts


async def test_a_statement_is_read_as_pages_and_as_csv_by_its_owner_alone(
    client: LedgerClient, http: httpx.AsyncClient, clock: MovingClock
) -> None:
    start = clock.now
    await client.deposit("org_fog", "10", id="d1", memo="=1+1")
    clock.forward(timedelta(hours=1))
    await client.deduct("org_fog", "4", "k", "tea")
    clock.forward(timedelta(hours=1))
    ann = client.as_caller("ann")
    first = await ann.statement("org_fog", start, clock.now, limit=1)
    second = await ann.statement("org_fog", start, clock.now, after=first.next_cursor, limit=1)
    assert (first.opening, first.closing) == ("0.00", "6.00")
    assert [(line.kind, line.balance) for line in first.lines + second.lines] == [
        ("deposit", "10.00"),
        ("deduct", "6.00"),
    ]
    query = {"from": "2026-03-10T13:00:00+01:00", "format": "csv"}
    answer = await http.get(f"{FOG}/statement", params=query, headers=ANN)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(answer.text.splitlines()))
    assert [(row["kind"], row["balance"]) for row in rows] == [
        ("opening", "0.00"),
        ("deposit", "10.00"),
        ("deduct", "6.00"),
        ("closing", "6.00"),
    ]
    assert rows[1]["memo"] == "'=1+1"
    for path in ("statement", "statement?format=csv", "holds", "transfers", "balance?at=2026-03-10T12:00:00Z"):
        refused = await http.get(f"{FOG}/{path}", headers={"authorization": "Bearer bob"})
        assert refused.status_code == 404, path


@pytest.mark.parametrize(
    "path",
    [
        "statement?from=2026-03-10T12:00:00",
        "statement?from=2026-03-12T12:00:00Z&to=2026-03-11T12:00:00Z",
        "statement?from=0001-01-01T00:00:00%2B14:00",
        "statement?after=1-2",
        "balance?at=yesterday",
        "balance?at=2026-03-10",
        "balance?at=9999-12-31T23:59:59-01:00",
        "transfers?kind=gift",
        "transfers?amount_min=much",
        "holds?state=lost",
    ],
)
async def test_a_reading_that_cannot_be_is_422(http: httpx.AsyncClient, path: str) -> None:
    answer = await http.get(f"{FOG}/{path}", headers=ANN)
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:fogbank:problem:invalid-request")


async def test_a_past_instant_may_have_an_offset_that_the_database_does_not_know(http: httpx.AsyncClient) -> None:
    answer = await http.get(f"{FOG}/balance", params={"at": "2026-03-10T12:00:00+22:16"}, headers=ANN)
    assert (answer.status_code, answer.json()["at"]) == (200, "2026-03-09T13:44:00Z")


async def test_holds_and_past_balances_over_http(client: LedgerClient, clock: MovingClock) -> None:
    await client.deposit("org_fog", "10", id="d1")
    await client.hold("org_fog", "6", expires_at=clock.now + timedelta(hours=9), id="h1")
    clock.forward(timedelta(hours=1))
    then = clock.now
    await client.capture("h1", "2.5")
    ann = client.as_caller("ann")
    assert [(hold.state, hold.captured) for hold in (await ann.holds("org_fog")).holds] == [("captured", "2.50")]
    assert ((await ann.balance("org_fog", then)).held, (await ann.balance("org_fog")).held) == ("6.00", "0.00")


async def test_a_batch_of_one_account_may_be_as_large_as_one_of_many(http: httpx.AsyncClient) -> None:
    items = [{"id": f"job-{number}", "amount": "1", "description": "x" * 500} for number in range(3_000)]
    answer = await http.post(f"{FOG}/deduct:batch", json=items, headers=BILLING)
    assert (answer.status_code, answer.json()["refused"]) == (200, 3_000)
    many = [*items] * 11
    answer = await http.post(f"{FOG}/deduct:batch", json=many, headers=BILLING)
    assert answer.status_code == 413


async def test_the_api_says_what_amounts_and_ids_look_like(http: httpx.AsyncClient) -> None:
    schemas = (await http.get("/api/v1/openapi.json")).json()["components"]["schemas"]
    amount, account_id = (schemas["DepositRequest"]["properties"][name] for name in ("amount", "account_id"))
    assert amount["pattern"] == r"^[0-9]{1,12}(\.[0-9]{1,6})?$"
    assert account_id["pattern"] == "^[A-Za-z0-9_.:-]{1,128}$"
    assert schemas["LegRequest"]["properties"]["amount"]["pattern"].startswith("^-?")
    assert "pattern" in schemas["AccountDeduction"]["properties"]["id"]
