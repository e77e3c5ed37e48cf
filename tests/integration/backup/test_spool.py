"""The agent's spool is saved while its agent holds it, as it is between two of its writes."""

from pathlib import Path

from tests.readings import reading

from fogbank.backup.files import copy_at_rest
from fogbank.compute.agent.model import Checkpoint, Tick
from fogbank.compute.agent.spool import Spool


def test_a_spool_that_its_agent_holds_is_copied_whole(tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    checkpoint = Checkpoint(Tick(5, "boot", 5), {})
    with Spool.open(tmp_path / "spool.sqlite", "node", 0) as spool:
        spool.commit_tick({"instance": checkpoint}, [reading()] * 3)
        copy = copy_at_rest(tmp_path / "spool.sqlite", scratch)
    assert sorted(path.name for path in scratch.iterdir()) == ["spool.sqlite"]
    with Spool.open(copy, "node", 0) as again:
        assert again.checkpoints() == {"instance": checkpoint}
        assert again.waiting() == 1
