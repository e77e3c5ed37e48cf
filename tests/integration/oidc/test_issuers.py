"""Issuers: kept by administrators who say why, asked before they are believed, and never at private addresses."""

import pytest
from tests.integration.oidc.conftest import PASSWORD, World, new_email, verified
from tests.integration.oidc.issuer import CLIENT_ID, CLIENT_SECRET, running_provider

from fogbank.accounts.client.issuers import NewIssuer
from fogbank.accounts.oidc.asking import Asking
from fogbank.accounts.oidc.discovery import Discovery
from fogbank.accounts.oidc.errors import IssuerUnreachable
from fogbank.runtime.outbound.client import Outbound
from fogbank.runtime.outbound.resolving import SystemResolver
from fogbank.runtime.problems import Problem


async def test_an_issuer_is_listed_without_its_secret_which_is_sealed_at_rest(world: World) -> None:
    issuer = await world.issuer(domains=("example.org",))
    [listed] = await world.issuers.issuers()
    assert listed == issuer
    assert (listed.has_secret, listed.scopes) == (True, ["openid", "email", "profile"])
    assert [each.name for each in await world.issuers.choices()] == ["Example"]
    async with world.database.connection() as connection:
        rows = await connection.execute("SELECT sealed FROM accounts.issuers WHERE id = %s", [issuer.id])
        [(sealed,)] = await rows.fetchall()
    assert CLIENT_SECRET.encode() not in sealed


async def test_only_administrators_keep_issuers_and_they_say_why(world: World) -> None:
    issuer = await world.issuer()
    person, administrator = await world.person(), await world.person(is_administrator=True)
    new = NewIssuer("Another", world.provider.url, "another")
    for act in (person.issuers.issuers(), person.issuers.add(new, "mine"), person.issuers.remove(issuer.id, "mine")):
        with pytest.raises(Problem) as hidden:
            await act
        assert hidden.value.status == 404
    for act in (administrator.issuers.add(new, " "), administrator.issuers.remove(issuer.id, " ")):
        with pytest.raises(Problem) as silent:
            await act
        assert (silent.value.status, silent.value.kind) == (422, "reason-needed")
    added = await administrator.issuers.add(new, "a second directory")
    await administrator.issuers.remove(added.id, "a mistake")
    async with world.database.connection() as connection:
        rows = await connection.execute(
            "SELECT action, reason FROM accounts.activity WHERE subject = %s ORDER BY number", [f"issuer:{added.id}"]
        )
        assert await rows.fetchall() == [("issuer.added", "a second directory"), ("issuer.removed", "a mistake")]


async def test_an_issuer_gets_a_new_secret_and_those_who_come_by_it_go_on(world: World) -> None:
    """Secrets of issuers end, and to remove one is to forget everybody who came by it."""
    issuer, email = await world.issuer(client_secret="one that ended", admits_unknown=True), new_email()
    with pytest.raises(Problem) as refused:
        await world.come(issuer, "ann", **verified(email))
    assert refused.value.kind == "issuer-said-no"
    changed = await world.issuers.change(issuer.id, {"client_secret": CLIENT_SECRET}, "the old one ends")
    assert changed == issuer
    ann = (await world.come(issuer, "ann", **verified(email))).user_id
    change = {"name": "Renamed", "domains": ["elsewhere.example"], "admits_unknown": False}
    changed = await world.issuers.change(issuer.id, change, "they moved")
    assert (changed.name, changed.domains, changed.admits_unknown) == ("Renamed", ["elsewhere.example"], False)
    assert (await world.come(issuer, "ann", **verified(email))).user_id == ann
    with pytest.raises(Problem) as unknown:
        await world.come(issuer, "bea", **verified(new_email()))
    assert unknown.value.kind == "domain-not-allowed"
    async with world.database.connection() as connection:
        rows = await connection.execute(
            "SELECT reason, before::text || after::text FROM accounts.activity"
            " WHERE subject = %s AND action = 'issuer.changed' ORDER BY number",
            [f"issuer:{issuer.id}"],
        )
        told = await rows.fetchall()
    assert [reason for reason, _ in told] == ["the old one ends", "they moved"]
    assert not any(CLIENT_SECRET in states for _, states in told)


async def test_an_issuer_is_changed_by_administrators_who_prove_lately_who_they_are(world: World) -> None:
    issuer = await world.issuer()
    person, administrator = await world.person(), await world.person(is_administrator=True)
    for who, reason, kind in ((person, "mine", "not-found"), (administrator, "", "reason-needed")):
        with pytest.raises(Problem) as refused:
            await who.issuers.change(issuer.id, {"name": "Mine"}, reason)
        assert refused.value.kind == kind
    for change in ({"org_id": "org_nowhere", "role": "member"}, {"role": "member"}):
        with pytest.raises(Problem) as wrong:
            await administrator.issuers.change(issuer.id, change, "a try")
        assert wrong.value.kind in ("not-found", "invalid-request")
    session = await world.accounts.sign_in(administrator.email, PASSWORD, "192.0.2.1")
    world.clock.forward(minutes=10)
    administrator = await world.as_session(administrator.id, administrator.email, session)
    with pytest.raises(Problem) as unproved:
        await administrator.issuers.change(issuer.id, {"domains": []}, "any address")
    assert unproved.value.kind == "recent-proof-needed"


async def test_there_is_one_issuer_of_a_url_and_client_id(world: World) -> None:
    await world.issuer()
    with pytest.raises(Problem) as taken:
        await world.issuers.add(NewIssuer("Again", world.provider.url, CLIENT_ID), "twice")
    assert (taken.value.status, taken.value.kind) == (409, "issuer-taken")


async def test_what_is_no_issuer_or_another_one_is_not_believed(world: World) -> None:
    async with running_provider(lambda: world.clock().timestamp()) as provider:
        for url in (provider.url + "/", provider.url + "/keys", provider.url.replace("127.0.0.1", "localhost")):
            with pytest.raises(Problem) as refused:
                await world.issuers.add(NewIssuer("No issuer", url, "client"), "try")
            assert (refused.value.status, refused.value.kind) == (422, "issuer-url-refused")
        provider.issuer = "https://accounts.example.com"
        with pytest.raises(Problem, match="names another issuer"):
            await world.issuers.add(NewIssuer("A liar", provider.url, "client"), "try")


async def test_a_role_goes_with_an_organisation_that_is_there_and_is_never_owner(world: World) -> None:
    new = {"name": "Org", "url": world.provider.url, "client_id": "org"}
    token = await world.issuers.service.token()  # type: ignore[misc]
    headers = {"authorization": f"Bearer {token}"}
    for more in ({"org_id": "org_1"}, {"role": "viewer"}, {"org_id": "org_1", "role": "owner"}):
        answer = await world.http.post("/api/v1/issuers", json={**new, **more}, headers=headers)
        assert answer.status_code == 422
    answer = await world.http.post(
        "/api/v1/issuers", json={**new, "org_id": "org_1", "role": "viewer"}, headers=headers
    )
    assert answer.status_code == 404


async def test_an_issuer_that_is_removed_opens_nothing_any_more(world: World) -> None:
    issuer = await world.issuer(admits_unknown=True)
    await world.come(issuer, "sub-removed", **verified(new_email()))
    begun, returned = await world.sent_back(issuer, "sub-removed")
    await world.issuers.remove(issuer.id, "trusted no more")
    with pytest.raises(Problem) as ended:
        await world.finish(begun, returned)
    assert ended.value.kind == "sign-in-ended"
    with pytest.raises(Problem) as gone:
        await world.issuers.begin(issuer.id)
    assert gone.value.status == 404


async def test_who_came_by_an_issuer_that_is_removed_is_in_no_more(world: World) -> None:
    """It is believed no more: nor is what it said of who they are."""
    issuer, person = await world.issuer(), await world.person()
    begun, returned = await world.sent_back(issuer, "sub-in", **verified(person.email))
    with pytest.raises(Problem) as needed:
        await world.finish(begun, returned)
    await person.issuers.confirm(str(needed.value.extra["confirmation"]), begun.binding)
    by_issuer, by_password = (
        await world.come(issuer, "sub-in", **verified(person.email)),
        await world.accounts.sign_in(person.email, PASSWORD, "192.0.2.1"),
    )
    token = await world.accounts.token_for_session(by_issuer.session_token)
    await world.issuers.remove(issuer.id, "it lies")
    with pytest.raises(Problem) as over:
        await world.accounts.token_for_session(by_issuer.session_token)
    assert over.value.kind == "wrong-credentials"
    world.clock.forward(seconds=2)
    with pytest.raises(Problem) as ended:
        await world.accounts.as_caller(token.access_token).me()
    assert ended.value.kind == "token-refused"
    assert await world.accounts.token_for_session(by_password.session_token)


async def test_a_secret_goes_in_the_form_where_the_issuer_takes_no_header(world: World) -> None:
    issuer = await world.issuer(admits_unknown=True)
    world.provider.methods = ["client_secret_post"]
    world.clock.forward(hours=1)
    assert await world.come(issuer, "sub-post", **verified(new_email()))


async def test_an_issuer_that_is_away_is_told_of_as_such(world: World) -> None:
    async with running_provider(lambda: world.clock().timestamp()) as provider:
        issuer = await world.issuers.add(NewIssuer("Short-lived", provider.url, "client"), "for this test")
    world.clock.forward(hours=1)
    with pytest.raises(Problem) as away:
        await world.issuers.begin(issuer.id)
    assert (away.value.status, away.value.kind) == (503, "issuer-unreachable")
    await world.issuers.remove(issuer.id, "done")


async def test_private_addresses_and_plain_http_are_asked_only_where_the_operator_says_so(world: World) -> None:
    resolver = SystemResolver()
    try:
        async with Outbound.open(resolver) as outbound:
            with pytest.raises(IssuerUnreachable, match="not at a public address"):
                await Discovery(Asking(outbound, allow_http=True), world.clock).metadata(world.provider.url)
            with pytest.raises(IssuerUnreachable, match="must begin with https"):
                await Discovery(Asking(outbound, allow_http=False), world.clock).metadata(world.provider.url)
    finally:
        resolver.close()


async def test_what_was_not_finished_is_deleted_by_the_hourly_job(world: World) -> None:
    issuer = await world.issuer()
    person = await world.person()
    await world.issuers.begin(issuer.id)
    with pytest.raises(Problem):
        await world.come(issuer, "sub-swept", **verified(person.email))
    world.clock.forward(minutes=10)
    await world.delete_ended()
    async with world.database.connection() as connection:
        left = await connection.execute(
            "SELECT (SELECT count(*) FROM accounts.issuer_flows), (SELECT count(*) FROM accounts.issuer_confirmations)"
        )
        assert await left.fetchone() == (0, 0)
