"""What people keep about themselves, in words: agents, keys and their ends, factors, what is carried to a proof."""

from datetime import UTC, datetime, timedelta

import pytest

from fogbank.accounts.client import ApiKeyView, BelongingView, OpenSessionView
from fogbank.accounts.client.factors import PasskeyView, SecondFactorsView
from fogbank.accounts.client.issuers import IssuerChoiceView, IssuerLinkView
from fogbank.accounts.client.machines import SecretView
from fogbank.kernel.scopes import SCOPES
from fogbank.portal.formats import Formats
from fogbank.portal.proof import Asking, read_asking
from fogbank.portal.rules.expiry import end_of_life, overlap_seconds
from fogbank.portal.settings.faults import fault_of, is_for_the_form
from fogbank.portal.views.settings.agents import agent_in_words
from fogbank.portal.views.settings.factors import NOWHERE, Elsewhere, elsewhere, factors_part
from fogbank.portal.views.settings.issuers import issuer_rows
from fogbank.portal.views.settings.key_form import NOTHING_TICKED, MachineForm, read_machine_form
from fogbank.portal.views.settings.keys import keys_part
from fogbank.portal.views.settings.profile import memberships
from fogbank.portal.views.settings.scopes import in_short, in_words, scope_ticks
from fogbank.portal.views.settings.sessions import SHOWN, sessions_part
from fogbank.runtime.problems import Problem

NOW = datetime(2026, 11, 25, 14, 12, tzinfo=UTC)
DAY = timedelta(days=1)
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"
IPAD = "Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) AppleWebKit/605.1.15 CriOS/140.0 Mobile/15E148 Safari/604.1"
ANDROID = "Mozilla/5.0 (Linux; Android 16; K) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36"


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (EDGE, "Edge on Windows"),
        (IPAD, "Chrome on iPad"),
        (ANDROID, "Chrome on Android"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("curl/8.5.0", "Curl"),
        ("python-httpx/0.28", "A Python script"),
        ("something of our own" * 9, ("Something of our own" + "something of our own" * 2)),
        ("", "Unknown browser"),
    ],
)
def test_an_agent_is_told_in_words(agent: str, words: str) -> None:
    assert agent_in_words(agent) == words


def session(number: int, *, is_current: bool = False) -> OpenSessionView:
    at = NOW - number * timedelta(minutes=5)
    return OpenSessionView(f"s{number}", at, at, NOW + DAY, "192.0.2.1", EDGE, "oidc", is_current)


def test_the_session_that_looks_comes_first_and_many_are_counted(formats: Formats) -> None:
    part = sessions_part([*(session(number) for number in range(1, 40)), session(40, is_current=True)], NOW, formats)
    assert (part.rows[0].end, len(part.rows), part.others, part.unshown) == ("", SHOWN, 39, 40 - SHOWN)
    assert part.rows[1].seen == "last seen 5 min ago"
    assert part.rows[1].opened == "signed in by another issuer on 25 Nov, 14:07"


def key(*, expires_at: datetime | None = None, revoked_at: datetime | None = None, secrets: int = 1) -> ApiKeyView:
    shown = [SecretView("aBcD", NOW - DAY, None), SecretView("old1", NOW - 2 * DAY, NOW + DAY)][:secrets]
    return ApiKeyView(
        id="key_1",
        user_id="user_1",
        service_account_id=None,
        name="Export",
        prefix="fb_live_",
        last_four="aBcD",
        secrets=shown,
        scopes=["usage:read"],
        networks=[],
        created_at=NOW - DAY,
        expires_at=expires_at,
        revoked_at=revoked_at,
        last_used_at=NOW - timedelta(hours=2),
        last_used_address="198.51.100.7",
    )


def test_a_key_tells_its_ends_and_where_it_was_used(formats: Formats) -> None:
    def told(**facts: object) -> tuple[str, str, str]:
        part = keys_part([key(**facts)], NOW, formats)  # type: ignore[arg-type]
        [row] = [*part.holding, *part.ended]
        assert row.is_ended == bool(part.ended)
        return row.state, row.tone, row.ends

    assert told() == ("", "", "works until it is revoked")
    assert told(secrets=2) == ("rotating", "", "works until it is revoked")
    assert told(expires_at=NOW + 3 * DAY) == ("ends soon", "warn", "works until 28 Nov 2026, 14:12")
    assert told(expires_at=NOW) == ("expired", "", "ended on 25 Nov 2026, 14:12")
    assert told(revoked_at=NOW) == ("revoked", "", "revoked on 25 Nov, 14:12")
    [row] = keys_part([key(secrets=2)], NOW, formats).holding
    assert (row.shown, row.used) == ("fb_live_…aBcD", "used 2 h ago from 198.51.100.7")
    assert [secret.ends for secret in row.secrets] == ["", "works until 26 Nov, 14:12"]


def test_scopes_are_told_by_the_sentences_of_the_one_table() -> None:
    assert in_words(["usage:read", "ledger:read"], all_of="") == [SCOPES["ledger:read"], SCOPES["usage:read"]]
    assert in_words(["*"], all_of="Everything.") == ["Everything."]
    assert [in_short(names) for names in (["*"], ["usage:read"], list(SCOPES))] == [
        "everything",
        "usage:read",
        "13 scopes",
    ]
    assert [tick.name for tick in scope_ticks(["usage:read"])] == list(SCOPES)


def test_a_key_ends_at_the_same_instant_however_often_its_form_is_sent_that_day() -> None:
    assert end_of_life("7", NOW) == end_of_life("7", NOW + timedelta(hours=9)) == datetime(2026, 12, 3, tzinfo=UTC)
    assert end_of_life("never", NOW) is None
    assert end_of_life("nonsense", NOW) == end_of_life("90", NOW)
    assert (overlap_seconds("0"), overlap_seconds("nonsense")) == (0, 86_400)


def test_a_form_is_read_and_told_what_is_wrong_at_its_field() -> None:
    form = read_machine_form({"key": "k", "name": " Export ", "scope.usage:read": "on", "networks": "a, b"})
    assert (form.name, form.scopes, form.network_list) == ("Export", frozenset({"usage:read"}), ["a", "b"])
    assert read_machine_form({"reach": "all"}).scopes == {"*"}

    def faults(problem: Problem) -> MachineForm:
        refused = form.refused(problem, "Accounts", "k2")
        assert refused.key == "k2"
        return refused

    nothing = Problem(422, "invalid-request", "No.", extra={"errors": [{"field": "body.scopes", "reason": "is short"}]})
    assert faults(nothing).error("scopes") == NOTHING_TICKED
    network = Problem(422, "invalid-request", "No.", extra={"errors": [{"field": "body.networks.0", "reason": "is"}]})
    assert "192.0.2.0/24" in faults(network).error("networks")
    assert faults(Problem(403, "scope-beyond-caller", "Too much.")).error("scopes") == "Too much."
    assert faults(Problem(409, "not-active", "It is closed.")).refusal.whole == "It is closed."


def test_passkeys_say_where_they_can_be_made() -> None:
    assert elsewhere(None, "http://127.0.0.1:8080") == Elsewhere(NOWHERE)
    assert elsewhere("http://localhost:8080", "http://127.0.0.1:8080") == Elsewhere(
        "Passkeys are made for http://localhost:8080. Open that address instead, and sign in there, to add one.",
        "http://localhost:8080/settings/security/passkeys/new",
    )
    assert elsewhere("http://localhost:8080", "http://localhost:8080") is None


def test_factors_warn_of_copies_and_of_few_codes(formats: Formats) -> None:
    copied = PasskeyView("p", "Laptop", True, NOW, None, NOW)
    part = factors_part(SecondFactorsView(NOW, [copied], 2, ["totp"], None), "http://x", NOW, formats)
    assert (part.has_any, part.app, part.codes_tone) == (True, "Set up just now", "warn")
    assert part.passkeys[0].warning
    assert part.passkeys[0].detail == "On all devices of its holder · added just now · never used"
    nothing = factors_part(SecondFactorsView(None, [], 0, [], None), "http://x", NOW, formats)
    assert (nothing.has_any, nothing.app, nothing.codes_tone) == (False, "", "")


def test_issuers_that_are_linked_come_first(formats: Formats) -> None:
    choices = [IssuerChoiceView("issuer_1", "Example"), IssuerChoiceView("issuer_2", "Other")]
    rows = issuer_rows(choices, [IssuerLinkView("link_1", "issuer_2", "a@b.c", NOW, None)], NOW, formats)
    assert [(row.name, row.act) for row in rows] == [
        ("Other", "/settings/security/issuers/link_1/unlink"),
        ("Example", "/sign-in/oidc/issuer_1"),
    ]


@pytest.mark.parametrize(
    ("status", "counts_as", "needs", "note"),
    [
        ("active", "admin", False, ""),
        ("active", None, True, "It takes a second factor"),
        ("suspended", "billing", False, "you can read and pay there as billing"),
        ("closed", "viewer", False, "you can read what it was"),
        ("closed", None, False, "It is closed for good."),
    ],
)
def test_a_membership_says_what_is_in_the_way(status: str, counts_as: str | None, needs: bool, note: str) -> None:
    [membership] = memberships([BelongingView("org_1", "Acme", "admin", status, counts_as, needs)])
    assert note in membership.note
    assert bool(note) == bool(membership.note)


def test_a_wrong_password_is_for_the_form_and_an_ended_session_is_not() -> None:
    wrong, ended = Problem(401, "wrong-credentials", "No."), Problem(401, "unauthenticated", "No.")
    assert (is_for_the_form(wrong), is_for_the_form(ended)) == (True, False)
    assert not is_for_the_form(Problem(403, "recent-proof-needed", "No."))
    assert fault_of(wrong, {}) == ({"current_password": "This is not your password."}, "")
    assert fault_of(Problem(503, "no-mail", "No e-mail."), {}) == ({}, "No e-mail.")
    assert "does not answer" in fault_of(Problem(503, "service-unavailable", "x"), {})[1]


def test_what_is_carried_to_a_proof_is_everything_but_the_proof() -> None:
    form = {"confirm.method": "password", "confirm.code": "secret", "confirm.methods": "password totp", "answer": "x"}
    asking = read_asking({**form, "confirm.next": "/settings", "confirm.again": "/settings/keys/new", "name": "Export"})
    assert asking == Asking(["password", "totp"], "/settings", "/settings/keys/new", {"name": "Export"})
