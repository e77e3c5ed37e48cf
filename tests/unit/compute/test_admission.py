"""What a node says is judged by the message and by what was written down before it came, and by nothing else."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogbank.compute.client import (
    NodeIdentity,
    NodeKey,
    Placement,
    Placements,
    Policy,
    Refusal,
    Said,
    Trust,
    Verdicts,
    judge_message,
    judge_readings,
)
from fogbank.events.batch import Batch
from fogbank.events.fields import Fields
from fogbank.events.signing import SIGNATURE, SIGNATURE_KEY, key_id, public_key_of, signed

SECOND = 1_000_000
NOW = 1_000 * SECOND
"""When the message was received; facts are written down up to then, or later."""
SEED, OTHER, OWN = b"n" * 32, b"o" * 32, b"i" * 32
PAYLOAD = b'{"a": "batch"}'


def node_key(seed: bytes, valid_from_us: int = 0, valid_until_us: int | None = None) -> NodeKey:
    public = public_key_of(seed)
    return NodeKey(key_id(public), public, valid_from_us, valid_until_us)


def node(
    *keys: NodeKey, registered_us: int = 0, revoked_us: int | None = None, is_self_placing: bool = False
) -> NodeIdentity:
    return NodeIdentity("n1", registered_us, revoked_us, is_self_placing, keys or (node_key(SEED),))


def said(seed: bytes | None = SEED, received_us: int = NOW, headers: Mapping[str, str] | None = None) -> Said:
    batch = Batch(PAYLOAD, {})
    batch = signed(batch, seed) if seed else batch
    return Said("n1", {**batch.headers, **(headers or {})}, PAYLOAD, received_us)


POLICY = Policy(public_key_of(OWN))
CLOSED = replace(POLICY, modes=((0, "registered"),))


def test_a_registered_node_is_believed_that_signs_with_its_key() -> None:
    assert judge_message(said(), node(), POLICY) is Trust.BY_PLACEMENT


@pytest.mark.parametrize(
    ("message", "sender", "why"),
    [
        (said(None), node(), "unsigned"),
        (said(OTHER), node(), "unknown_key"),
        (said(), node(node_key(SEED, NOW + 1)), "unknown_key"),
        (said(), node(node_key(SEED, 0, NOW)), "unknown_key"),
        (replace(said(), payload=PAYLOAD + b" "), node(), "wrong_signature"),
        (said(headers={SIGNATURE: "no base64"}), node(), "wrong_signature"),
        (said(headers={SIGNATURE: b64encode(b"short").decode()}), node(), "wrong_signature"),
        (said(OTHER, headers={SIGNATURE_KEY: node_key(SEED).id}), node(), "wrong_signature"),
        (said(), node(revoked_us=NOW), "revoked"),
        (said(), node(node_key(SEED), revoked_us=5), "revoked"),
    ],
)
def test_a_registered_node_is_not_believed_otherwise(message: Said, sender: NodeIdentity, why: str) -> None:
    refusal = judge_message(message, sender, POLICY)
    assert isinstance(refusal, Refusal)
    assert refusal.why == why
    assert refusal.field == ("node" if why == "revoked" else "signature")


def test_two_keys_hold_while_one_follows_the_other() -> None:
    rotating = node(node_key(SEED, 0, NOW + 1), node_key(OTHER, NOW))
    for seed in (SEED, OTHER):
        assert judge_message(said(seed), rotating, POLICY) is Trust.BY_PLACEMENT


def test_what_came_before_a_node_was_registered_or_revoked_is_judged_as_it_was_then() -> None:
    assert judge_message(said(None), node(registered_us=NOW + 1), POLICY) is Trust.AS_SAID
    assert judge_message(said(None), node(registered_us=NOW), POLICY) != Trust.AS_SAID
    assert judge_message(said(), node(revoked_us=NOW + 1), POLICY) is Trust.BY_PLACEMENT


def test_nodes_that_nobody_registered_are_heard_where_the_policy_of_that_time_is_open() -> None:
    changing = replace(POLICY, modes=((0, "open"), (NOW, "registered"), (NOW + 10, "open")))
    assert judge_message(said(None, NOW - 1), None, changing) is Trust.AS_SAID
    assert judge_message(said(None, NOW + 10), None, changing) is Trust.AS_SAID
    refusal = judge_message(said(None, NOW), None, changing)
    assert isinstance(refusal, Refusal)
    assert (refusal.field, refusal.why) == ("node", "unregistered")
    assert "'n1' was not registered" in refusal.reason


@pytest.mark.parametrize(
    ("sender", "trust"), [(None, Trust.AS_SAID), (node(), Trust.DECIDED), (node(revoked_us=1), Trust.DECIDED)]
)
def test_the_installations_own_key_speaks_for_every_node(sender: NodeIdentity | None, trust: Trust) -> None:
    assert judge_message(said(OWN), sender, CLOSED) is trust
    forged = said(OTHER, headers={SIGNATURE_KEY: key_id(public_key_of(OWN))})
    assert isinstance(judge_message(forged, sender, CLOSED), Refusal)


def test_without_an_own_key_nobody_speaks_for_others() -> None:
    assert isinstance(judge_message(said(OWN), node(), Policy("")), Refusal)


def readings(*each: tuple[str, str, str | None, int], length: int = 30 * SECOND) -> Fields:
    starts = [start for *_, start in each]
    return Fields(
        [instance for instance, *_ in each],
        [user for _, user, *_ in each],
        [org for _, _, org, _ in each],
        [None] * len(each),
        [(start + length) / SECOND for start in starts],
        [start / SECOND for start in starts],
        [(start + length) / SECOND for start in starts],
    )


def placement(
    instance: str,
    user: str = "ann",
    org: str | None = None,
    *,
    since: int = 0,
    until: int | None = None,
    recorded: int = 0,
    ended: int | None = None,
) -> Placement:
    return Placement(instance, user, org, since, until, recorded, ended)


def judged(placements: Sequence[Placement], fields: Fields, *, is_self_placing: bool = False) -> Verdicts:
    return judge_readings(node(is_self_placing=is_self_placing), Placements.of(placements), fields, NOW)


def test_a_reading_is_billed_to_the_owner_of_the_placement_whatever_it_says() -> None:
    placed = [placement("i1", "ann", "org"), placement("i2", "bob")]
    fields = readings(("i1", "ann", "org", 0), ("i1", "eve", "org", 0), ("i2", "bob", "org", 0), ("i2", "bob", None, 0))
    assert judged(placed, fields) == Verdicts(owners={1: ("ann", "org"), 2: ("bob", None)})


def test_a_reading_outside_every_placement_is_refused_by_a_sentence() -> None:
    placed = [placement("i1", since=100 * SECOND, until=200 * SECOND, ended=200 * SECOND)]
    at = [0, 70 * SECOND, 70 * SECOND + 1, 100 * SECOND, 200 * SECOND - 1, 200 * SECOND]
    verdicts = judged(placed, readings(*(("i1", "ann", None, start) for start in at), ("i2", "ann", None, 0)))
    assert sorted(verdicts.refused) == [0, 1, 5, 6]
    assert verdicts.begun == [2]
    assert verdicts.refused[5] == Refusal(
        "instance_id", "'i1' was not placed on 'n1' at 1970-01-01T00:03:20Z", "unplaced"
    )


def test_who_was_there_when_the_reading_began_pays_for_it_and_else_who_came_first() -> None:
    moved = [
        placement("i1", "ann", since=10 * SECOND, until=40 * SECOND, ended=40 * SECOND),
        placement("i1", "bob", since=40 * SECOND, recorded=1),
    ]
    fields = readings(*(("i1", "ann", None, start * SECOND) for start in (0, 39, 40)))
    assert judged(moved, fields).owners == {2: ("bob", None)}
    assert judged(moved, fields).begun == [0]


def test_what_is_on_a_node_that_places_itself_is_taken_as_it_says_unless_somebody_placed_it() -> None:
    fields = readings(("i1", "eve", None, 0), ("i2", "eve", None, 0))
    assert judged([placement("i1")], fields, is_self_placing=True) == Verdicts(owners={0: ("ann", None)}, unplaced=[1])


seconds = st.integers(0, 60).map(lambda second: second * 40 * SECOND)
"""Up to twice as late as the message came."""


@st.composite
def placements(draw: st.DrawFn) -> Placement:
    since, recorded = draw(seconds), draw(seconds)
    until, ended = draw(st.tuples(seconds, seconds) | st.just((None, None)))
    owner = draw(st.sampled_from([("ann", None), ("bob", None), ("ann", "org")]))
    return Placement(draw(st.sampled_from(["i1", "i2"])), *owner, since, until, recorded, ended)


claims = st.lists(
    st.tuples(
        st.sampled_from(["i1", "i2", "i3"]), st.sampled_from(["ann", "bob"]), st.just(None) | st.just("org"), seconds
    ),
    max_size=8,
)


@given(st.lists(placements(), max_size=8), claims, st.booleans(), st.randoms())
def test_the_order_in_which_facts_are_learned_does_not_matter(
    known: list[Placement], claimed: list[tuple[str, str, str | None, int]], is_self_placing: bool, random: object
) -> None:
    fields = readings(*claimed)
    shuffled = known.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert judged(known, fields, is_self_placing=is_self_placing) == judged(
        shuffled, fields, is_self_placing=is_self_placing
    )


@given(st.lists(placements(), max_size=8), claims, st.booleans())
def test_what_is_written_down_after_a_message_came_changes_nothing_about_it(
    known: list[Placement], claimed: list[tuple[str, str, str | None, int]], is_self_placing: bool
) -> None:
    fields = readings(*claimed)
    then = [
        Placement(
            each.instance_id,
            each.user_id,
            each.org_id,
            each.since_us,
            None if each.ended_us is not None and each.ended_us > NOW else each.until_us,
            each.recorded_us,
            None if each.ended_us is not None and each.ended_us > NOW else each.ended_us,
        )
        for each in known
        if each.recorded_us <= NOW
    ]
    assert judged(known, fields, is_self_placing=is_self_placing) == judged(
        then, fields, is_self_placing=is_self_placing
    )
