"""Two shards in one engine that has no Keeper: what a cluster's statements become there.

`ON CLUSTER` and replication go; what stays is the real `Distributed` engine, over two shards that are both this engine
and share their tables. So each row of a `…_local` table carries the shard that it was written to, by the hash that
`Distributed` takes; it leads the sort key, so that rows of two shards do not replace each other, and each shard is
shown its own rows only. A row in the wrong place is therefore as wrong here as on two machines.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

CLUSTER = "two"

CONFIGURATION = f"""
<clickhouse>
  <tcp_port>9000</tcp_port> <!-- Nobody listens there; shards with this port and host are this process. -->
  <remote_servers><{CLUSTER}>
    <shard><internal_replication>true</internal_replication><replica><host>127.0.0.1</host><port>9000</port></replica></shard>
    <shard><internal_replication>true</internal_replication><replica><host>localhost</host><port>9000</port></replica></shard>
  </{CLUSTER}></remote_servers>
</clickhouse>
"""

ON_CLUSTER = re.compile(rf" ON CLUSTER '{CLUSTER}'")
REPLICATED = re.compile(r"ENGINE = Replicated(\w+)\('[^']+', '\{replica\}'(?:, (\w+))?\)")
LOCAL = re.compile(r"CREATE TABLE (?:IF NOT EXISTS )?(\w+)_local ")
OVER_ALL = re.compile(r"CREATE TABLE .* AS (\w+)_local ENGINE = Distributed\(.*?_local', (.*)\)$", re.DOTALL)
SORT_KEY = re.compile(r"ORDER BY (\(.*\)|\w+)(?=\s*(?:SETTINGS|TTL|$))", re.DOTALL)


def configured_in(directory: Path) -> Path:
    """The server's configuration with the cluster, written there."""
    path = directory / "cluster.xml"
    path.write_text(CONFIGURATION)
    return path


@dataclass(slots=True)
class Shards:
    """What was made so far. A `…_local` table waits for the one over it, which says where its rows are."""

    waiting: dict[str, str] = field(default_factory=dict)
    tables: list[str] = field(default_factory=list)

    @property
    def own_rows_only(self) -> str:
        """The setting that shows each shard its rows."""
        return "{" + ", ".join(f"'default.{name}_local': 'shard = shardNum()'" for name in self.tables) + "}"

    def in_one_engine(self, statement: str) -> list[str]:
        if not ON_CLUSTER.search(statement):
            return [statement]
        alone = REPLICATED.sub(lambda found: f"ENGINE = {found[1]}({found[2] or ''})", ON_CLUSTER.sub("", statement))
        if local := LOCAL.match(alone):
            self.waiting[local[1]] = alone
            return []
        if over_all := OVER_ALL.match(alone):
            name, place = over_all[1], over_all[2]
            self.tables.append(name)
            return [_with_shard(self.waiting.pop(name), place), alone]
        return [alone]


def _with_shard(statement: str, place: str) -> str:
    columns = statement.index("(") + 1
    statement = f"{statement[:columns]}shard UInt8 MATERIALIZED {place} % 2 + 1, {statement[columns:]}"
    return SORT_KEY.sub(lambda found: f"ORDER BY (shard, {found[1].removeprefix('(').removesuffix(')')})", statement)
