"""The ledger over HTTP, through its client: who may do what, and how refusals read."""

from datetime import timedelta
from decimal import Decimal

import httpx
import pytest
from tests.clock import MovingClock

from fogbank.accounts.ledger.client import ChargeRequest, LedgerClient, LegRequest, TransferRequest
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.problems import Problem


async def test_a_balance_is_shown_to_its_owner_and_is_404_to_others(client: LedgerClient) -> None:
    await client.deposit("org_fog", "12.5", id="d1")
    view = await client.as_caller("ann").balance("org_fog")
    assert (view.balance, view.available, view.floor, view.currency) == ("12.50", "12.50", "0.00", "USD")
    for ask in (client.as_caller("bob").balance("org_fog"), client.as_caller("bob").transfers("org_fog")):
        with pytest.raises(Problem) as refused:
            await ask
        assert refused.value.status == 404
    assert (await client.as_caller("bob").balance("user_bob")).balance == "0.00"


async def test_a_deduction_is_made_once_by_its_key(client: LedgerClient) -> None:
    await client.deposit("org_fog", "10", id="d1")
    first = await client.deduct("org_fog", "4", "some/key,chosen=freely", "tea and cake")
    assert first.balance == "6.00"
    assert await client.deduct("org_fog", "4.00", "some/key,chosen=freely", "tea and cake") == first
    with pytest.raises(Problem) as refused:
        await client.deduct("org_fog", "5", "some/key,chosen=freely", "tea and cake")
    assert (refused.value.status, refused.value.kind) == (409, "transfer-conflict")
    assert (await client.balance("org_fog")).balance == "6.00"


async def test_a_deduction_beyond_the_floor_says_balance_and_floor(client: LedgerClient) -> None:
    await client.deposit("org_fog", "10", id="d1")
    await client.set_credit_limit("org_fog", "5", id="limit")
    with pytest.raises(Problem) as refused:
        await client.deduct("org_fog", "15.000001", "k")
    assert refused.value.status == 402
    assert refused.value.extra == {
        "account_id": "org_fog",
        "amount": "15.000001",
        "balance": "10.00",
        "available": "10.00",
        "floor": "-5.00",
    }
    assert (await client.deduct("org_fog", "15", "k")).balance == "-5.00"


@pytest.mark.parametrize(
    ("caller", "status"), [("ann", 403), ("bob", 404), ("reader", 403), ("nobody", 401), ("root", 200)]
)
async def test_only_services_and_administrators_deduct(http: httpx.AsyncClient, caller: str, status: int) -> None:
    await LedgerClient(ServiceHttp(http)).as_caller("billing").deposit("org_fog", "10", id="d1")
    headers = {"authorization": f"Bearer {caller}", "idempotency-key": "k", "fogbank-reason": "by hand"}
    answer = await http.post("/api/v1/accounts/org_fog/deduct", json={"amount": "1"}, headers=headers)
    assert answer.status_code == status


async def test_a_deduction_without_a_key_or_with_a_wrong_amount_names_the_field(http: httpx.AsyncClient) -> None:
    headers = {"authorization": "Bearer billing"}
    path = "/api/v1/accounts/org_fog/deduct"
    answer = await http.post(path, json={"amount": "1"}, headers=headers)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "header.Idempotency-Key"
    for amount in ("1.0000001", "many", "0", "-1", "1e400", "NaN"):
        answer = await http.post(path, json={"amount": amount}, headers={**headers, "idempotency-key": "k"})
        assert answer.status_code == 422, amount
        assert answer.json()["errors"][0]["field"] == "amount"


async def test_services_routes_do_not_exist_for_others(http: httpx.AsyncClient) -> None:
    for caller in ("ann", "root"):
        headers = {"authorization": f"Bearer {caller}"}
        assert (await http.post("/api/v1/ledger/charges", json=[], headers=headers)).status_code == 404
        assert (await http.get("/api/v1/ledger/figures", headers=headers)).status_code == 404
    deposit = {"id": "mine", "account_id": "user_ann", "amount": "1"}
    for path, body in (("deposits", deposit), ("deductions:batch", []), ("reversals", {})):
        answer = await http.post(f"/api/v1/ledger/{path}", json=body, headers={"authorization": "Bearer ann"})
        assert answer.status_code == 404, path


async def test_charges_take_grants_then_credit_then_arrears_and_repeat_the_same(client: LedgerClient) -> None:
    await client.deposit("org_fog", "5", id="d1")
    await client.grant("org_fog", "3", kind="promotional", priority=0, expires_at=None, id="gift")
    charges = [ChargeRequest("c1", "org_fog", "10", "March"), ChargeRequest("c2", "org_fog", "-1")]
    results = await client.charge(charges)
    assert await client.charge(charges) == results
    assert (results[0].from_grants, results[0].from_credit, results[0].to_arrears) == ("3.00", "5.00", "2.00")
    assert (results[1].from_credit, results[1].to_arrears) == ("0.00", "-1.00")
    view = await client.balance("org_fog")
    assert (view.balance, view.arrears, view.grants) == ("0.00", "1.00", [])


async def test_a_refused_charge_is_told_and_keeps_no_other_from_being_posted(client: LedgerClient) -> None:
    await client.charge([ChargeRequest("c1", "org_fog", "1")])
    with pytest.raises(Problem) as refused:
        await client.charge(
            [
                ChargeRequest("c1", "org_fog", "2"),
                ChargeRequest("c 2", "org_fog", "1"),
                ChargeRequest("c3", "org_fog", "4"),
            ]
        )
    assert refused.value.status in {409, 422}
    assert sorted(refused.value.extra["refused"]) == ["c 2", "c1"]
    assert (await client.balance("org_fog")).arrears == "5.00"


async def test_a_hold_is_captured_in_part_and_once(client: LedgerClient, clock: MovingClock) -> None:
    await client.deposit("org_fog", "10", id="d1")
    await client.hold("org_fog", "6", expires_at=clock.now + timedelta(hours=1), id="h1")
    view = await client.balance("org_fog")
    assert (view.balance, view.held, view.available) == ("10.00", "6.00", "4.00")
    captured = await client.capture("h1", "2.5")
    assert await client.capture("h1", "2.5") == captured
    assert (await client.balance("org_fog")).available == "7.50"
    for ask in (client.capture("h1", "3"), client.release("h1")):
        with pytest.raises(Problem) as refused:
            await ask
        assert refused.value.status == 409
    with pytest.raises(Problem) as missing:
        await client.release("h2")
    assert missing.value.status == 404


async def test_figures_say_that_all_is_sound(client: LedgerClient) -> None:
    await client.deposit("org_fog", "10", id="d1")
    await client.transfer(
        TransferRequest("t1", [LegRequest("customer:org_fog", "-3"), LegRequest("adjustments", "3")], "by hand")
    )
    await client.charge([ChargeRequest("charge:1", "org_fog", "2"), ChargeRequest("other:1", "org_fog", "1")])
    figures = await client.figures("charge:")
    assert figures.charges == {"org_fog": "2.00"}
    assert Decimal(figures.balances_sum) == 0
    assert (figures.transfers, figures.chain.ok, figures.differing_accounts) == (4, True, [])
    page = await client.as_caller("ann").transfers("org_fog")
    assert [transfer.change for transfer in page.transfers] == ["-1.00", "-2.00", "-3.00", "10.00"]
    history = await client.as_caller("ann").balance_history("org_fog", 2)
    assert [balance for _, balance in history] == ["0.00", "4.00"]
