"""The same store on a cluster: what one server does with one statement, a cluster does with another. Pure.

Each table becomes two: a replicated one on every shard, `…_local`, and one of the plain name that is spread over them.
Reading and writing need no other words then; only statements about tables do, and are put here into a cluster's.
Which shard a row is on follows from the table's sort key, so rows that replace each other always meet
(docs/decisions/0010).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

SETTINGS = {
    "distributed_foreground_insert": "1",  # A message is acknowledged after its readings are on their shards…
    "insert_quorum": "auto",  # …and on most replicas of each: of two, on both, so that any of them can answer.
    "insert_deduplicate": "0",  # What is written twice is replaced by key; a block that looks like one is not dropped.
    "parallel_distributed_insert_select": "0",  # Rollups are added up over all shards before they are written.
    "distributed_product_mode": "global",  # A subquery means the whole table, not the part on each shard.
    "optimize_skip_unused_shards": "1",  # What is asked of one instance is asked of its shard.
    "skip_unavailable_shards": "0",  # Half an answer is none.
}

COLUMNS_OF_PLACE = ("instance_id", "account_id")
"""What rows are placed by, where it is in the sort key; the whole key where neither is."""

TABLE = re.compile(
    r"\s*CREATE TABLE (?P<condition>IF NOT EXISTS )?(?P<name>\w+) \((?P<columns>.*)\)"
    r"\s*ENGINE = (?P<engine>\w*MergeTree)(?:\((?P<argument>\w+)\))?\s(?P<rest>.*)",
    re.DOTALL,
)
COPY = re.compile(
    r"\s*CREATE TABLE (?P<name>\w+) AS (?P<model>\w+)(?:\s+ENGINE = (?P<engine>\w*MergeTree)\s(?P<rest>.*))?", re.DOTALL
)
SORT_KEY = re.compile(r"ORDER BY (.+?)\s*(?:\bSETTINGS\b.*|\bTTL\b.*)?$", re.DOTALL)
DROP = re.compile(r"\s*DROP TABLE (?P<condition>IF EXISTS )?(?P<name>\w+)(?P<rest>.*)", re.DOTALL)
ALTER = re.compile(r"\s*ALTER TABLE (?P<name>\w+) (?P<action>.*?)(?: FROM (?P<source>\w+))?\s*$", re.DOTALL)
MERGES = re.compile(r"\s*SYSTEM (?P<action>STOP|START) MERGES (?P<name>\w+)\s*$")


class NotForCluster(ValueError):
    """A statement about a table that has no counterpart on a cluster."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it is made on one server."""

    condition: str
    name: str
    columns: str
    engine: str
    argument: str
    rest: str

    @property
    def sort_key(self) -> str:
        """What its rows are sorted by, without the brackets around it."""
        match = SORT_KEY.search(self.rest)
        assert match is not None, self.rest
        key = match[1].strip()
        return key[1:-1] if key.startswith("(") else key

    @property
    def place(self) -> str:
        """The hash that says on which shard a row is: of nothing but the sort key."""
        for column in COLUMNS_OF_PLACE:
            if re.search(rf"\b{column}\b", self.sort_key):
                return f"cityHash64({column})"
        return f"cityHash64({self.sort_key})"

    def made_on(self, cluster: str) -> list[str]:
        """The statements that make it there."""
        keeper = f"'/clickhouse/tables/{{shard}}/{{database}}/{self.name}', '{{replica}}'"
        arguments = f"{keeper}, {self.argument}" if self.argument else keeper
        head, local = f"CREATE TABLE {self.condition}", f"{self.name}_local"
        replicated = f"({self.columns}) ENGINE = Replicated{self.engine}({arguments}) {self.rest}"
        over_all = f"Distributed('{cluster}', currentDatabase(), '{local}', {self.place})"
        return [
            f"{head}{local} ON CLUSTER '{cluster}' {replicated}",
            f"{head}{self.name} ON CLUSTER '{cluster}' AS {local} ENGINE = {over_all}",
        ]


def table_of(statement: str) -> Table:
    """The table that a statement makes; `NotForCluster` where it makes it in another way than ours do."""
    match = TABLE.fullmatch(statement)
    if match is None:
        raise NotForCluster(f"not a table that a cluster can have: {statement}")
    return Table(**{name: text or "" for name, text in match.groupdict().items()})


def on_cluster(statement: str, cluster: str, models: Iterable[str] = ()) -> list[str]:
    """What to run on `cluster` instead of `statement`; the statement itself where it is not about a table as such.

    `models` make the tables that others may be copies of. `NotForCluster` for what it does not know.
    """
    match statement.split(maxsplit=1)[0].upper():
        case "CREATE":
            return _made(statement, models).made_on(cluster)
        case "DROP" if match := DROP.fullmatch(statement):
            head, name, rest = f"DROP TABLE {match['condition'] or ''}", match["name"], match["rest"]
            return [f"{head}{each} ON CLUSTER '{cluster}'{rest}" for each in (name, f"{name}_local")]
        case "ALTER" if match := ALTER.fullmatch(statement):
            source = f" FROM {match['source']}_local" if match["source"] else ""
            return [f"ALTER TABLE {match['name']}_local ON CLUSTER '{cluster}' {match['action']}{source}"]
        case "SYSTEM" if match := MERGES.fullmatch(statement):
            return [f"SYSTEM {match['action']} MERGES ON CLUSTER '{cluster}' {match['name']}_local"]
        case "DROP" | "ALTER" | "SYSTEM" | "OPTIMIZE" | "TRUNCATE" | "RENAME" | "EXCHANGE":
            raise NotForCluster(f"not a statement that is known for a cluster: {statement}")
        case _:
            return [statement]


def _made(statement: str, models: Iterable[str]) -> Table:
    copy = COPY.fullmatch(statement)
    if copy is None:
        return table_of(statement)
    [model] = [table for table in map(table_of, models) if table.name == copy["model"]]
    if copy["engine"]:
        model = replace(model, engine=copy["engine"], argument="", rest=copy["rest"])
    return replace(model, condition="", name=copy["name"])
