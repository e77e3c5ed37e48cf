"""Histories as files: the same numbers in every format, exact, whole, and only the caller's."""

import csv
import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

import httpx
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.integration.usage.conftest import MARCH, SERVICE, World, reading

from fogbank.runtime.auth import Caller, CallerKind
from fogbank.usage.client import History

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
SPAN = {"from": MARCH.isoformat(), "to": (MARCH + 6 * HOUR).isoformat()}
TYPES = {
    "json": "application/json",
    "csv": "text/csv",
    "arrow": "application/vnd.apache.arrow.stream",
    "parquet": "application/vnd.apache.parquet",
}
METERS = (
    "cpu_seconds",
    "gpu_seconds",
    "memory_gb_seconds",
    "storage_gb_seconds",
    "network_egress_mb",
    "network_ingress_mb",
    "instance_seconds",
)


async def got(world: World, path: str, caller: Caller = SERVICE, accept: str = "*/*", **params: Any) -> httpx.Response:
    world.authenticator.callers[caller.id] = caller
    headers = {"authorization": f"Bearer {caller.id}", "accept": accept}
    return await world.http.get(f"/api/v1/usage/{path}/history", params={**SPAN, **params}, headers=headers)


def read(answer: httpx.Response, table_format: str) -> list[dict[str, Any]]:
    """The rows of a table, as Python has them."""
    assert answer.status_code == 200, answer.text
    if table_format == "csv":
        return [typed(line) for line in csv.DictReader(io.StringIO(answer.text, newline=""))]
    content = io.BytesIO(answer.content)
    table = pq.read_table(content) if table_format == "parquet" else pa.ipc.open_stream(content).read_all()
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows


def typed(line: dict[str, str]) -> dict[str, Any]:
    return {name: typed_value(name, text) for name, text in line.items()}


def typed_value(name: str, text: str) -> Any:
    if name in ("start", "end"):
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    if name in ("instance", "user", "tier", "node", "meter"):
        return text
    return int(text) if name == "events" else Decimal(text) if text else None


def flat(history: History, groups: tuple[str, ...]) -> list[dict[str, Any]]:
    """The rows of a page as a table has them."""
    averages = ("cpu_percent", "memory_gb", "memory_percent", "storage_gb")
    return [
        {
            "start": row.start,
            "end": row.end,
            **{group: row.group[group] for group in groups},
            **(
                {"quantity": decimal(row.quantities.get(row.group["meter"]))}
                if "meter" in groups
                else {meter: decimal(row.quantities.get(meter)) for meter in METERS}
            ),
            **{f"{name}_average": decimal(row.averages.get(name)) for name in averages},
            "events": row.events,
            "unmetered_seconds": Decimal(row.unmetered_seconds),
        }
        for row in history.rows
    ]


def decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


async def test_a_table_has_the_numbers_of_the_pages_and_none_where_nothing_was_measured(world: World) -> None:
    tiny = {"cpu_seconds": 0.000001}
    minutes = [n for n in range(300) if not 60 <= n < 240]
    await world.send(
        *[reading(f"t-{n % 3}", MARCH + n * MINUTE, 60, sequence=n // 3, org_id="o-t", metrics=tiny) for n in minutes]
    )
    await world.settled()
    await world.rolled_up()
    for groups in ((), ("instance",), ("user", "meter", "tier", "node")):
        pages = await got(world, "organizations/o-t", group_by=",".join(groups), limit=10_000)
        expected = flat(msgspec.json.decode(pages.content, type=History), groups)
        assert {row["events"] == 0 for row in expected} == {True, False}
        for table_format, extension in (("csv", "csv"), ("arrow", "arrows"), ("parquet", "parquet")):
            answer = await got(world, "organizations/o-t", group_by=",".join(groups), format=table_format)
            assert read(answer, table_format) == expected
            assert answer.headers["content-type"].partition(";")[0] == TYPES[table_format]
            name = f"usage_o-t_hour_20260302T100000Z_20260302T160000Z.{extension}"
            assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'


@pytest.mark.parametrize("table_format", ["csv", "arrow", "parquet"])
async def test_a_table_has_the_right_types_and_its_columns_first(world: World, table_format: str) -> None:
    await world.send(reading("t-types", MARCH))
    await world.settled()
    answer = await got(world, "instances/t-types", format=table_format, meter="cpu_seconds")
    averages = ["cpu_percent_average", "memory_gb_average", "memory_percent_average", "storage_gb_average"]
    names = ["start", "end", "cpu_seconds", *averages, "events", "unmetered_seconds"]
    if table_format == "csv":
        lines = answer.text.split("\r\n")
        assert lines == [
            ",".join(names),
            "2026-03-02T10:00:00Z,2026-03-02T11:00:00Z,3,10,4.2,52.5,25.7,1,0",
            "",
        ]
        return
    content = io.BytesIO(answer.content)
    schema = pq.read_schema(content) if table_format == "parquet" else pa.ipc.open_stream(content).schema
    assert schema.names == names
    assert {schema.field(name).type for name in ("start", "end")} == {pa.timestamp("us", tz="UTC")}
    assert {schema.field(name).type for name in ("cpu_seconds", *averages)} == {pa.decimal128(38, 6)}


async def test_accept_names_the_format_and_the_parameter_wins(world: World) -> None:
    await world.send(reading("t-accept", MARCH))
    await world.settled()
    for accept, content_type in (
        ("text/csv", "text/csv"),
        ("text/html, application/vnd.apache.parquet;q=0.9, text/csv;q=0.5", TYPES["parquet"]),
        ("text/html, */*", "application/json"),
    ):
        answer = await got(world, "instances/t-accept", accept=accept)
        assert answer.headers["content-type"].partition(";")[0] == content_type
    answer = await got(world, "instances/t-accept", accept="text/csv", format="json")
    assert answer.headers["content-type"] == "application/json"


async def test_a_table_is_whole_however_many_pages_it_takes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fogbank.usage.history.api.TABLE_ROWS", 7)
    await world.send(
        *[reading(f"t-many-{n % 5}", MARCH + n * 7 * MINUTE, org_id="o-many", node_id=f"n-{n % 2}") for n in range(50)]
    )
    await world.settled()
    for groups in (("instance",), ("instance", "meter"), ()):
        pages = await got(world, "organizations/o-many", group_by=",".join(groups), limit=10_000)
        expected = flat(msgspec.json.decode(pages.content, type=History), groups)
        answer = await got(world, "organizations/o-many", group_by=",".join(groups), format="csv")
        assert read(answer, "csv") == expected
        assert sum(row["events"] for row in expected) == 50 * (7 if "meter" in groups else 1)


async def test_no_group_in_any_format_shows_anything_of_others(world: World) -> None:
    await world.send(
        reading("t-shared", MARCH, user_id="t-alice", org_id="o-mine"),
        reading("t-shared", MARCH + MINUTE, user_id="t-bob", org_id="o-theirs"),
        reading("t-theirs", MARCH, user_id="t-bob", org_id="o-theirs"),
    )
    await world.settled()
    member = Caller("t-carol", CallerKind.USER, {"o-mine": "viewer"})
    for table_format, groups in product(TYPES, ("", "instance", "user", "meter", "tier", "node")):
        asked = {"group_by": groups, "format": table_format}
        answer = await got(world, "instances/t-shared", member, **asked)
        assert answer.status_code == 200
        assert b"bob" not in answer.content
        rows = answer.json()["rows"] if table_format == "json" else read(answer, table_format)
        assert {row["events"] for row in rows} == {1}
        for path in ("instances/t-theirs", "users/t-bob", "organizations/o-theirs", "organizations/o-nobody"):
            refused = await got(world, path, member, **asked)
            assert (refused.status_code, refused.headers["content-type"]) == (404, "application/problem+json")


async def test_a_table_has_no_pages_to_ask_for(world: World) -> None:
    for name, value in (("limit", "10"), ("after", "WzAsIiIsIiIsIiIsIiIsIiJd")):
        asked: dict[str, Any] = {"format": "csv", name: value}
        answer = await got(world, "instances/t-types", **asked)
        assert answer.status_code == 422
        assert answer.json()["errors"] == [
            {"field": f"query.{name}", "reason": "is for format=json; csv gives the whole span at once"}
        ]
