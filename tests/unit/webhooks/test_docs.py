"""docs/webhooks.md says what happens: its receivers verify what we sign, its examples are what we post."""

import json
import re
import shutil
import subprocess
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from standardwebhooks import WebhookVerificationError

from fogbank.compute.client import CurrentTotals, InstanceCurrent
from fogbank.events.signals import THRESHOLD_DATA
from fogbank.notifications.model import Channel, EventClass, EventType, Notice
from fogbank.notifications.rules.events import class_of
from fogbank.notifications.rules.words import words_of
from fogbank.notifications.webhooks import rules, sending
from fogbank.notifications.webhooks.model import DisabledBecause, Webhook
from fogbank.notifications.webhooks.payloads import metrics_payload, notice_payload, payload_of_test, totals_of
from fogbank.notifications.webhooks.signing import headers_of
from fogbank.notifications.webhooks.telling import REASONS
from fogbank.runtime.clock import now_utc
from fogbank.runtime.settings_sources import known_settings

DOCUMENT = (Path(__file__).parents[3] / "docs" / "webhooks.md").read_text()
SECRET = re.findall(r'SECRET = "(whsec_[^"]+)"', DOCUMENT)[0]
JSON_BLOCKS = re.findall(r"```json\n(.+?)```", DOCUMENT, re.DOTALL)
EXAMPLES = {example["type"]: example for example in map(msgspec.json.decode, JSON_BLOCKS)}
NAMES = {"threshold_violation": "Ann", "balance_low": "Acme"}
WEBHOOK = Webhook(
    id="webhook_1",
    user_id="user_123456",
    org_id=None,
    instance_id=None,
    url="https://hooks.example.com/fogbank",
    description="",
    event_types=frozenset({"metrics"}),
    created_by="user_123456",
    created_at=now_utc(),
)


def code(language: str) -> str:
    [found] = re.findall(rf"```{language}\n(.+?)```", DOCUMENT, re.DOTALL)
    return str(found)


def test_the_python_receiver_takes_what_we_sign_once_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    world: dict[str, Any] = {}
    exec(code("python"), world)
    payload = payload_of_test(WEBHOOK, now_utc())
    headers = dict(headers_of("msg_1", payload, [SECRET], now_utc()))
    for _ in range(2):
        world["receive"](payload.encode(), headers)
    assert capsys.readouterr().out == f"test {{'webhook_id': '{WEBHOOK.id}', 'account_id': '{WEBHOOK.account_id}'}}\n"
    with pytest.raises(WebhookVerificationError):
        world["receive"](payload.encode() + b" ", headers)


def test_the_javascript_receiver_takes_what_we_sign_and_nothing_else() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("'node' is not installed here, and only this example needs it")
    payload = payload_of_test(WEBHOOK, now_utc())
    both = headers_of("msg_1", payload, ["whsec_" + "A" * 43 + "=", SECRET], now_utc())
    other = headers_of("msg_1", payload, ["whsec_" + "A" * 43 + "="], now_utc())
    calls = [
        f"try {{ console.log(verify({json.dumps(payload)}, {json.dumps(dict(headers))}).type) }}"
        " catch (error) { console.log(error.message) }"
        for headers in (both, other)
    ]
    script = "\n".join([code("javascript"), *calls])
    ran = subprocess.run([node, "-"], input=script, capture_output=True, text=True, check=True)
    assert ran.stdout == "test\nnot signed by Fogbank\n"


@pytest.mark.parametrize("event_type", ["threshold_violation", "balance_low"])
def test_the_examples_of_notices_are_what_we_post_of_them(event_type: str) -> None:
    example = EXAMPLES[event_type]
    said = example["data"]
    own = {"id", "account_id", "user_id", "org_id", "instance_id", "title", "text"}
    facts = {name: value for name, value in said.items() if name not in own}
    ids = {name: said[name] for name in ("user_id", "org_id", "instance_id")}
    data = {**facts, **{name: value or "" for name, value in ids.items()}} if "threshold" in event_type else facts
    if "threshold" in event_type:
        assert set(data) == set(THRESHOLD_DATA)
    words = words_of(EventType(event_type), data, NAMES[event_type], "EUR")
    notice = Notice(
        id=said["id"],
        event_type=EventType(event_type),
        account_id=said["account_id"],
        **ids,
        title=words.title,
        text=words.text,
        data=data,
        occurred_at=datetime.fromisoformat(example["timestamp"]),
        channels=frozenset({Channel.API_CALLBACK}),
    )
    assert msgspec.json.decode(notice_payload(notice)) == example


def test_the_example_of_metrics_is_what_we_post_of_them() -> None:
    example = EXAMPLES["metrics"]
    instances = msgspec.convert(example["data"]["instances"], list[InstanceCurrent])
    at = datetime.fromisoformat(example["timestamp"])
    totals = totals_of(instances)
    assert totals == msgspec.convert(example["data"]["totals"], CurrentTotals)
    posted = metrics_payload(WEBHOOK, at, instances, page=1, pages=1, totals=totals)
    assert msgspec.json.decode(posted) == example


def test_the_numbers_that_it_names_are_those_that_hold() -> None:
    seconds = [int(delay.total_seconds()) for delay in rules.RETRY_DELAYS]
    assert seconds == [5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800, 28800]
    assert "5 s, 30 s, 2 min, 10 min, 30 min, 1 h, 2 h, 4 h, 8 h and 8 h" in DOCUMENT
    limits = (sending.POSTS_MAX, sending.PER_ACCOUNT_MAX, sending.PER_WEBHOOK_MAX)
    assert (
        "At most {} posts are under way at once, {} to one account and\n{} to one webhook".format(*limits) in DOCUMENT
    )


def test_every_setting_and_event_type_is_told_of() -> None:
    for known in known_settings():
        assert not known.name.startswith("webhooks.") or f"`{known.name}`" in DOCUMENT
    for event_type in EventType:
        assert class_of(event_type) is EventClass.ACCOUNT or f"`{event_type}`" in DOCUMENT


def test_rates_are_added_exactly_and_only_where_they_are_fresh() -> None:
    [instance] = msgspec.convert(EXAMPLES["metrics"]["data"]["instances"], list[InstanceCurrent])
    facts = asdict(instance)
    fresh = [
        msgspec.convert({**facts, "per_second": {"cpu_seconds": rate}}, InstanceCurrent) for rate in ("0.1", "0.2")
    ]
    stale = msgspec.convert({**facts, "is_stale": True, "per_second": {"cpu_seconds": "7"}}, InstanceCurrent)
    assert totals_of([*fresh, stale]) == CurrentTotals(3, 1, {"cpu_seconds": "0.3"})
    tens = [msgspec.convert({**facts, "per_second": {"cpu_seconds": "50"}}, InstanceCurrent)] * 2
    assert totals_of(tens).per_second == {"cpu_seconds": "100"}


def test_every_reason_to_disable_a_webhook_that_is_not_its_owners_wish_can_be_told() -> None:
    assert set(REASONS) == set(DisabledBecause) - {DisabledBecause.ASKED}
