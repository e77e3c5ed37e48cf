"""A cluster's tables: rows that replace each other are on one shard, and nothing is done to a part of a table only."""

import re

import pytest

from fogbank.usage.store.cluster import COLUMNS_OF_PLACE, NotForCluster, on_cluster, table_of
from fogbank.usage.store.schema import TABLES

NAMES = [table_of(statement).name for statement in TABLES]


@pytest.mark.parametrize("statement", TABLES, ids=NAMES)
def test_where_a_row_is_follows_from_its_sort_key(statement: str) -> None:
    table = table_of(statement)
    [argument] = re.findall(r"^cityHash64\((.+)\)$", table.place)
    assert argument in (*COLUMNS_OF_PLACE, table.sort_key)
    assert set(re.findall(r"[a-z_]\w*", argument)) <= set(re.findall(r"[a-z_]\w*", table.sort_key))


@pytest.mark.parametrize("statement", TABLES, ids=NAMES)
def test_a_table_is_replicated_on_each_shard_and_of_its_own_name_over_all(statement: str) -> None:
    name = table_of(statement).name
    local, over_all = on_cluster(statement, "c1")
    assert f"TABLE IF NOT EXISTS {name}_local ON CLUSTER 'c1'" in local
    assert re.search(rf"ENGINE = Replicated\w+MergeTree\('/clickhouse/tables/{{shard}}/{{database}}/{name}',", local)
    assert local.endswith(statement[statement.index("ORDER BY") :])
    assert over_all.startswith(
        f"CREATE TABLE IF NOT EXISTS {name} ON CLUSTER 'c1' AS {name}_local ENGINE = Distributed"
    )


def test_an_identity_has_one_shard_whoever_pays_and_a_payers_sums_have_one() -> None:
    places = {table_of(statement).name: table_of(statement).place for statement in TABLES}
    assert places["usage_events"] == places["instance_hours"] == "cityHash64(instance_id)"
    assert places["account_windows"] == places["account_days"] == places["account_hours"] == "cityHash64(account_id)"
    assert places["rollup_marks"] == "cityHash64(grain, start_us)"


def test_a_copy_of_a_table_is_spread_like_it_and_has_a_place_of_its_own_in_keeper() -> None:
    local, over_all = on_cluster("CREATE TABLE again AS usage_events", "c1", TABLES)
    assert "/usage_events'" not in local
    assert "ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/again', '{replica}', version)" in local
    assert over_all.endswith("'again_local', cityHash64(instance_id))")
    sorted_anew = "CREATE TABLE aside AS usage_events ENGINE = MergeTree ORDER BY (instance_id, version)"
    assert "ENGINE = ReplicatedMergeTree('/clickhouse/tables/" in on_cluster(sorted_anew, "c1", TABLES)[0]


def test_what_is_done_to_a_table_is_done_on_every_shard() -> None:
    assert on_cluster("DROP TABLE IF EXISTS again SYNC", "c1") == [
        "DROP TABLE IF EXISTS again ON CLUSTER 'c1' SYNC",
        "DROP TABLE IF EXISTS again_local ON CLUSTER 'c1' SYNC",
    ]
    assert on_cluster("ALTER TABLE days REPLACE PARTITION ID '1' FROM staged", "c1") == [
        "ALTER TABLE days_local ON CLUSTER 'c1' REPLACE PARTITION ID '1' FROM staged_local"
    ]
    assert on_cluster("SYSTEM STOP MERGES staged", "c1") == ["SYSTEM STOP MERGES ON CLUSTER 'c1' staged_local"]


@pytest.mark.parametrize(
    "statement", ["SELECT 1", " INSERT INTO usage_events SELECT 1", "\n    INSERT INTO t VALUES (1)"]
)
def test_reading_and_writing_need_no_other_words(statement: str) -> None:
    assert on_cluster(statement, "c1") == [statement]


@pytest.mark.parametrize(
    "statement",
    ["CREATE TABLE t (a Int8) ENGINE = Memory", "TRUNCATE TABLE usage_events", "OPTIMIZE TABLE t", "SYSTEM FLUSH LOGS"],
)
def test_what_would_be_done_to_a_part_only_is_refused(statement: str) -> None:
    with pytest.raises(NotForCluster):
        on_cluster(statement, "c1")
