"""Signing in by an issuer: who is known comes in, who is new only where an operator or an invitation says so."""

from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from tests.integration.oidc.conftest import BROWSER, PASSWORD, PUBLIC_URL, World, new_email, verified
from tests.integration.oidc.issuer import CLIENT_ID

from fogbank.accounts.client.signing_in import SignInClient
from fogbank.runtime.problems import Problem


async def test_the_browser_is_sent_with_a_state_a_nonce_and_a_pkce_challenge(world: World) -> None:
    issuer = await world.issuer()
    begun = await world.issuers.begin(issuer.id)
    sent = {name: values[0] for name, values in parse_qs(urlsplit(begun.url).query).items()}
    assert begun.url.startswith(f"{world.provider.url}/authorize?")
    assert sent["redirect_uri"] == issuer.redirect_uri == f"{PUBLIC_URL}/sign-in/oidc"
    assert (sent["response_type"], sent["scope"], sent["client_id"]) == ("code", "openid email profile", CLIENT_ID)
    assert sent["code_challenge_method"] == "S256"
    secrets = [sent["state"], sent["nonce"], sent["code_challenge"], begun.binding]
    assert len(set(secrets)) == 4
    assert all(len(secret) == 43 for secret in secrets)


async def test_who_is_new_gets_an_account_where_the_issuer_brings_people_in_and_comes_back_to_it(world: World) -> None:
    issuer, email = await world.issuer(admits_unknown=True), new_email()
    first = await world.come(issuer, "sub-new", **verified(email))
    user = await world.accounts.user(first.user_id)
    assert (user.email, user.name, user.organizations) == (email, "Some One", {})
    world.clock.forward(days=1)
    again = await world.come(issuer, "sub-new", email="another@elsewhere.example", email_verified=False)
    assert again.user_id == first.user_id, "an identity is an issuer and a subject"


async def test_who_is_new_joins_the_issuers_organisation_in_its_role(world: World) -> None:
    made = await world.accounts.setup(
        email=new_email(), organization_name="Home", instance_id="oidc-host", instance_name="this host"
    )
    issuer = await world.issuer(admits_unknown=True, org_id=made.org_id, role="viewer")
    session = await world.come(issuer, "sub-member", **verified(new_email()))
    assert (await world.accounts.user(session.user_id)).organizations == {made.org_id: "viewer"}


async def test_who_is_new_gets_nothing_where_the_issuer_brings_nobody_in_unless_they_are_invited(world: World) -> None:
    issuer, email = await world.issuer(), new_email()
    with pytest.raises(Problem) as refused:
        await world.come(issuer, "sub-stranger", **verified(email))
    assert (refused.value.status, refused.value.kind) == (403, "not-admitted")
    made = await world.accounts.setup(
        email=new_email(), organization_name="Home", instance_id="inviting-host", instance_name="this host"
    )
    async with world.database.connection() as connection:
        await connection.execute(
            "INSERT INTO accounts.invitations (id, org_id, email, role, inviter_id, secret_sha256, is_mailed,"
            " created_at, sent_at, expires_at) VALUES ('invitation_oidc', %s, %s, 'member', %s, sha256('oidc'), false,"
            " %s, %s, %s + interval '1 day')",
            [made.org_id, email.upper(), made.user_id, world.clock(), world.clock(), world.clock()],
        )
    session = await world.come(issuer, "sub-stranger", **verified(email))
    assert (await world.accounts.user(session.user_id)).organizations == {}, "they accept it themselves"


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("said", [{"email_verified": False}, {}, {"email_verified": "false"}])
async def test_an_address_that_the_issuer_does_not_vouch_for_opens_nothing_whether_or_not_we_know_it(
    world: World, known: bool, said: dict[str, object]
) -> None:
    email = new_email()
    if known:
        await world.person(email)
    issuer = await world.issuer(admits_unknown=True)
    with pytest.raises(Problem) as refused:
        await world.come(issuer, "sub-unverified", email=email, **said)
    assert (refused.value.status, refused.value.kind) == (403, "address-not-verified")


async def test_an_issuer_speaks_for_the_domains_that_it_was_given(world: World) -> None:
    issuer = await world.issuer(admits_unknown=True, domains=("Example.ORG",))
    assert issuer.domains == ["example.org"]
    with pytest.raises(Problem) as refused:
        await world.come(issuer, "sub-1", **verified("somebody@sub.example.org"))
    assert refused.value.kind == "domain-not-allowed"
    assert await world.come(issuer, "sub-1", **verified(f"DOMAIN.{new_email()}"))


async def test_an_account_that_exists_is_opened_only_after_its_owner_said_so_once(world: World) -> None:
    issuer, person = await world.issuer(admits_unknown=True), await world.person()
    begun, returned = await world.sent_back(issuer, "sub-owner", **verified(person.email.upper()))
    with pytest.raises(Problem) as needed:
        await world.finish(begun, returned)
    assert (needed.value.status, needed.value.kind) == (401, "confirm-needed")
    assert (needed.value.extra["issuer"], needed.value.extra["email"]) == ("Example", person.email.upper())
    confirmation = str(needed.value.extra["confirmation"])
    link = await person.issuers.confirm(confirmation, begun.binding)
    assert [each.id for each in await person.issuers.links()] == [link.id]
    session = await world.come(issuer, "sub-owner", email=None)
    assert session.user_id == person.id
    assert (await person.issuers.links())[0].last_used_at == world.clock()


async def test_nobody_else_can_confirm_nor_from_another_browser_nor_twice_nor_late(world: World) -> None:
    issuer = await world.issuer()
    person, other = await world.person(), await world.person()

    async def asked() -> tuple[str, str]:
        begun, returned = await world.sent_back(issuer, "sub-confirm", **verified(person.email))
        with pytest.raises(Problem) as needed:
            await world.finish(begun, returned)
        return str(needed.value.extra["confirmation"]), begun.binding

    async def refused(of: object) -> None:
        with pytest.raises(Problem) as ended:
            await of  # type: ignore[misc]
        assert (ended.value.status, ended.value.kind) == (409, "confirmation-ended")

    confirmation, binding = await asked()
    await refused(other.issuers.confirm(confirmation, binding))
    await refused(person.issuers.confirm(confirmation, "another browser's"))
    assert await person.issuers.confirm(confirmation, binding)
    await refused(person.issuers.confirm(confirmation, binding))
    issuer = await world.issuer()
    late = await asked()
    world.clock.forward(minutes=10)
    person = await world.signed_in(person.id, person.email)
    await refused(person.issuers.confirm(*late))


async def test_to_confirm_takes_a_recent_proof(world: World) -> None:
    issuer, person = await world.issuer(), await world.person()
    session = await world.accounts.sign_in(person.email, PASSWORD, "192.0.2.1")
    world.clock.forward(minutes=10)
    begun, returned = await world.sent_back(issuer, "sub-old", **verified(person.email))
    with pytest.raises(Problem) as needed:
        await world.finish(begun, returned)
    confirmation = str(needed.value.extra["confirmation"])
    person = await world.as_session(person.id, person.email, session)
    with pytest.raises(Problem) as refused:
        await person.issuers.confirm(confirmation, begun.binding)
    assert (refused.value.status, refused.value.kind) == (403, "recent-proof-needed")
    await person.factors.confirm("password", code=PASSWORD)
    assert await person.issuers.confirm(confirmation, begun.binding)


async def test_a_second_factor_is_asked_for_after_the_issuer_too(world: World) -> None:
    issuer, person = await world.issuer(), await world.person()
    begun, returned = await world.sent_back(issuer, "sub-2fa", **verified(person.email))
    with pytest.raises(Problem) as needed:
        await world.finish(begun, returned)
    await person.issuers.confirm(str(needed.value.extra["confirmation"]), begun.binding)
    seed = await person.factors.begin_totp()
    codes = await person.factors.confirm_totp(pyotp.TOTP(seed.secret).at(world.clock()))
    with pytest.raises(Problem) as more:
        await world.come(issuer, "sub-2fa")
    assert (more.value.status, more.value.kind) == (401, "second-factor-needed")
    assert more.value.extra["methods"] == ["recovery", "totp"]
    challenge = str(more.value.extra["challenge"])
    signing_in = SignInClient(world.accounts.service)
    session = await signing_in.by_second_factor(challenge, "recovery", BROWSER, code=codes.recovery_codes[0])
    assert session.user_id == person.id


async def test_a_suspended_person_is_not_let_in(world: World) -> None:
    issuer = await world.issuer(admits_unknown=True)
    session = await world.come(issuer, "sub-suspended", **verified(new_email()))
    async with world.database.connection() as connection:
        await connection.execute("UPDATE accounts.users SET status = 'suspended' WHERE id = %s", [session.user_id])
    with pytest.raises(Problem) as refused:
        await world.come(issuer, "sub-suspended")
    assert (refused.value.status, refused.value.kind) == (401, "wrong-credentials")


async def test_a_link_is_taken_away_unless_it_is_the_last_way_in(world: World) -> None:
    issuer = await world.issuer(admits_unknown=True)
    email = new_email()
    session = await world.come(issuer, "sub-unlink", **verified(email))
    newcomer = await world.as_session(session.user_id, email, session)
    [link] = await newcomer.issuers.links()
    with pytest.raises(Problem) as last:
        await newcomer.issuers.unlink(link.id)
    assert (last.value.status, last.value.kind) == (409, "last-way-in")
    stranger = await world.person()
    with pytest.raises(Problem) as unseen:
        await stranger.issuers.unlink(link.id)
    assert unseen.value.status == 404
    async with world.database.connection() as connection:
        await connection.execute("UPDATE accounts.users SET password_hash = 'some' WHERE id = %s", [newcomer.id])
    await newcomer.issuers.unlink(link.id)
    assert await newcomer.issuers.links() == []


async def test_the_address_is_asked_of_userinfo_only_where_the_token_leaves_it_out(world: World) -> None:
    issuer, email = await world.issuer(admits_unknown=True), new_email()
    world.provider.userinfo = {"sub": "sub-info", **verified(email)}
    session = await world.come(issuer, "sub-info")
    assert (await world.accounts.user(session.user_id)).email == email
    assert world.provider.asked.count("userinfo") == 1
    await world.come(issuer, "sub-other", **verified(new_email()))
    assert world.provider.asked.count("userinfo") == 1
    world.provider.userinfo = {"sub": "somebody else", **verified(new_email())}
    with pytest.raises(Problem) as refused:
        await world.come(issuer, "sub-mixed")
    assert refused.value.kind == "identity-refused"


async def test_a_sign_in_opens_a_session_that_says_how(world: World) -> None:
    issuer = await world.issuer(admits_unknown=True)
    session = await world.come(issuer, "sub-session", **verified(new_email()))
    async with world.database.connection() as connection:
        rows = await connection.execute(
            "SELECT method, address, agent FROM accounts.sessions WHERE user_id = %s", [session.user_id]
        )
        assert await rows.fetchall() == [("oidc", "192.0.2.1", "a browser")]
