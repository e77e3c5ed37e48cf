"""What attackers try with other issuers: none of it opens a session, and what was tried is used up."""

import pytest
from tests.integration.oidc.conftest import World, new_email, verified
from tests.integration.oidc.issuer import CLIENT_ID, CLIENT_SECRET, Provider, elliptic_key, other_key, running_provider

from fogbank.accounts.client.issuers import IssuerView, NewIssuer
from fogbank.runtime.problems import Problem


async def refused(world: World, issuer: IssuerView, **claims: object) -> Problem:
    """The problem that somebody new meets, whom the issuer would bring in."""
    with pytest.raises(Problem) as problem:
        await world.come(issuer, "sub-attack", **verified(new_email(), **claims))
    return problem.value


async def assert_identity_refused(world: World, issuer: IssuerView, why: str, **claims: object) -> None:
    problem = await refused(world, issuer, **claims)
    assert (problem.status, problem.kind) == (401, "identity-refused")
    assert why in problem.detail
    async with world.database.connection() as connection:
        found = await connection.execute("SELECT 1 FROM accounts.issuer_links WHERE subject = 'sub-attack'")
        assert await found.fetchone() is None


@pytest.mark.parametrize(
    ("why", "claims"),
    [
        ("nonce", {"nonce": "somebody else's"}),
        ("nonce", {"nonce": None}),
        ("aud", {"aud": "another client"}),
        ("aud", {"aud": ["another client"]}),
        ("azp", {"aud": [CLIENT_ID, "another client"]}),
        ("azp", {"aud": CLIENT_ID, "azp": "another client"}),
        ("iss", {"iss": "https://accounts.example.com"}),
        ("sub", {"sub": None}),
        ("whom it is about", {"sub": ""}),
        ("sub", {"sub": 7}),
        ("exp", {"exp": None}),
        ("iat", {"iat": None}),
        ("", {"exp": "never"}),
        ("at_hash", {"at_hash": "of another access token"}),
    ],
)
async def test_a_token_that_is_not_about_this_sign_in_of_ours_is_refused(
    world: World, why: str, claims: dict[str, object]
) -> None:
    await assert_identity_refused(world, await world.issuer(admits_unknown=True), why, **claims)


async def test_a_token_that_has_expired_is_refused_and_one_from_before_and_one_from_the_future(world: World) -> None:
    issuer, now = await world.issuer(admits_unknown=True), int(world.clock().timestamp())
    await assert_identity_refused(world, issuer, "expired", exp=now - 61)
    await assert_identity_refused(world, issuer, "older than this sign-in", iat=now - 61)
    await assert_identity_refused(world, issuer, "", iat=now + 120)
    assert await world.come(issuer, "sub-slow-clock", **verified(new_email(), exp=now - 30, iat=now - 59))


async def test_a_token_without_a_signature_is_refused(world: World) -> None:
    issuer = await world.issuer(admits_unknown=True)
    world.provider.sign = world.provider.unsigned
    await assert_identity_refused(world, issuer, "")


async def test_the_public_key_is_nobodys_shared_secret(world: World) -> None:
    issuer = await world.issuer(admits_unknown=True)
    world.provider.sign = world.provider.signed_with_public_key
    await assert_identity_refused(world, issuer, "")


async def test_a_symmetric_key_among_those_published_is_no_key(world: World) -> None:
    issuer = await world.issuer(admits_unknown=True)
    world.provider.published = [{"kty": "oct", "kid": world.provider.key.kid, "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"}]
    world.clock.forward(hours=1)
    await assert_identity_refused(world, issuer, "does not publish")


async def test_a_token_signed_by_another_key_of_the_same_name_is_refused(world: World) -> None:
    issuer, forged = await world.issuer(admits_unknown=True), other_key()
    stolen = type(forged).import_key(forged.as_pem(private=True), {"kid": str(world.provider.key.kid)})
    world.provider.sign = lambda claims: world.provider.signed(claims, stolen)
    await assert_identity_refused(world, issuer, "")


async def test_a_key_for_encryption_signs_nothing(world: World) -> None:
    issuer = await world.issuer(admits_unknown=True)
    world.provider.published = [{**world.provider.key.as_dict(private=False), "use": "enc"}]
    world.clock.forward(hours=1)
    await assert_identity_refused(world, issuer, "does not publish")


async def test_a_new_key_is_asked_for_and_an_invented_one_only_once_a_minute(world: World) -> None:
    issuer, new = await world.issuer(admits_unknown=True), other_key()
    assert await world.come(issuer, "sub-before", **verified(new_email()))
    world.clock.forward(minutes=1)
    world.provider.published.append(new.as_dict(private=False))
    world.provider.sign = lambda claims: world.provider.signed(claims, new)
    assert await world.come(issuer, "sub-rotated", **verified(new_email()))
    world.clock.forward(minutes=1)
    invented = type(new).generate_key(2048, {"kid": "invented"})
    world.provider.sign = lambda claims: world.provider.signed(claims, invented)
    world.provider.asked.clear()
    for _ in range(3):
        await assert_identity_refused(world, issuer, "does not publish")
    assert world.provider.asked.count("keys") == 1


async def test_a_state_is_good_once_and_for_ten_minutes(world: World) -> None:
    issuer = await world.issuer(admits_unknown=True)
    begun, returned = await world.sent_back(issuer, "sub-replay", **verified(new_email()))
    assert await world.finish(begun, returned)
    with pytest.raises(Problem) as replayed:
        await world.finish(begun, returned)
    assert (replayed.value.status, replayed.value.kind) == (401, "sign-in-ended")
    begun, returned = await world.sent_back(issuer, "sub-late", **verified(new_email()))
    world.clock.forward(minutes=10)
    with pytest.raises(Problem) as late:
        await world.finish(begun, returned)
    assert late.value.kind == "sign-in-ended"


async def test_another_browser_cannot_finish_what_this_one_began(world: World) -> None:
    """Else an attacker would have a victim signed in as the attacker: login CSRF."""
    issuer = await world.issuer(admits_unknown=True)
    begun, returned = await world.sent_back(issuer, "sub-csrf", **verified(new_email()))
    victims = await world.issuers.begin(issuer.id)
    with pytest.raises(Problem) as refused_:
        await world.finish(begun, returned, binding=victims.binding)
    assert refused_.value.kind == "sign-in-ended"
    with pytest.raises(Problem) as used_up:
        await world.finish(begun, returned)
    assert used_up.value.kind == "sign-in-ended"


async def test_a_code_that_another_browser_was_given_is_worth_nothing_here(world: World) -> None:
    """Its PKCE verifier is another browser's: code injection."""
    issuer = await world.issuer(admits_unknown=True)
    _, stolen = await world.sent_back(issuer, "sub-victim", **verified(new_email()))
    begun, returned = await world.sent_back(issuer, "sub-thief", **verified(new_email()))
    with pytest.raises(Problem) as refused_:
        await world.finish(begun, {**returned, "code": stolen["code"]})
    assert (refused_.value.status, refused_.value.kind) == (401, "issuer-said-no")


async def test_an_answer_of_another_issuer_is_refused_before_its_code_goes_anywhere(world: World) -> None:
    issuer = await world.issuer(admits_unknown=True)
    for iss in ("https://evil.example", world.provider.url + "/", "", None):
        begun, returned = await world.sent_back(issuer, "sub-attack", **verified(new_email()))
        world.provider.asked.clear()
        with pytest.raises(Problem) as mixed_up:
            await world.finish(begun, {**returned, "iss": iss})  # type: ignore[dict-item]
        assert (mixed_up.value.status, mixed_up.value.kind) == (401, "identity-refused")
        assert world.provider.asked == []


async def test_an_issuer_that_never_says_iss_need_not(world: World) -> None:
    issuer = await world.issuer(admits_unknown=True)
    world.provider.says_iss = False
    world.clock.forward(hours=1)
    assert await world.come(issuer, "sub-old-issuer", **verified(new_email()))


async def test_one_issuers_people_are_not_anothers(world: World) -> None:
    issuer, email = await world.issuer(admits_unknown=True), new_email()
    first = await world.come(issuer, "sub-same", **verified(email))
    async with running_provider(lambda: world.clock().timestamp()) as evil:
        other = await world.issuers.add(
            NewIssuer("Evil", evil.url, CLIENT_ID, CLIENT_SECRET, admits_unknown=True), "for this test"
        )
        begun = await world.issuers.begin(other.id)
        returned = evil.browser_signs_in(begun.url, "sub-same", **verified(email))
        with pytest.raises(Problem) as refused_:
            await world.finish(begun, returned)
        assert refused_.value.kind == "confirm-needed", "the same subject and address, and not the same identity"
        await world.issuers.remove(other.id, "done")
    assert (await world.come(issuer, "sub-same")).user_id == first.user_id


async def test_what_the_issuer_refuses_is_told_in_its_word_and_nothing_else_of_it(world: World) -> None:
    issuer = await world.issuer()
    begun = await world.issuers.begin(issuer.id)
    state = {"state": world.provider.browser_signs_in(begun.url, "x")["state"], "iss": world.provider.url}
    with pytest.raises(Problem) as said_no:
        await world.finish(begun, state, error="access_denied<script>\n")
    assert (said_no.value.status, said_no.value.kind) == (401, "issuer-said-no")
    assert said_no.value.extra == {"error": "access_denied<script>"}


async def test_elliptic_signatures_are_taken_too(world: World) -> None:
    issuer, key = await world.issuer(admits_unknown=True), elliptic_key()
    world.provider.published = [key.as_dict(private=False)]
    world.clock.forward(hours=1)
    world.provider.sign = lambda claims: Provider.signed_by(key, "ES256", claims)
    assert await world.come(issuer, "sub-elliptic", **verified(new_email()))
