"""Trees are walked bit by bit, and what they hold is never said before it is known."""

import shutil
from pathlib import Path

import pytest

from fogbank.compute.agent.collectors.allocated import allocated_under
from fogbank.compute.agent.collectors.trees import NotWalkedYet, Trees

MIB = 1 << 20


@pytest.fixture
def tree(tmp_path: Path) -> tuple[str, ...]:
    """One of twelve files and directories, its root included."""
    root = tmp_path / "tree"
    (root / "below").mkdir(parents=True)
    for number in range(10):
        (root / "below" / str(number)).write_bytes(bytes(MIB))
    return (str(root),)


def test_a_tree_is_known_at_the_first_look(tree: tuple[str, ...]) -> None:
    trees = Trees()
    trees.look([tree])
    assert trees.allocated_bytes(tree) == sum(allocated_under(tree))


def test_a_tree_that_was_never_walked_through_has_no_size(tree: tuple[str, ...]) -> None:
    trees = Trees(first_files_per_look=5)
    for _ in range(2):
        trees.look([tree])
        with pytest.raises(NotWalkedYet, match="first time"):
            trees.allocated_bytes(tree)
    trees.look([tree])
    assert trees.allocated_bytes(tree) == sum(allocated_under(tree))


def test_until_a_walk_is_through_what_the_one_before_found_holds(tree: tuple[str, ...]) -> None:
    trees = Trees(files_per_look=5)
    trees.look([tree])
    before_bytes = trees.allocated_bytes(tree)
    Path(*tree, "more").write_bytes(bytes(5 * MIB))
    for _ in range(2):
        trees.look([tree])
        assert trees.allocated_bytes(tree) == before_bytes
    trees.look([tree])
    assert trees.allocated_bytes(tree) == before_bytes + 5 * MIB


def test_every_tree_has_its_turn(tree: tuple[str, ...], tmp_path: Path) -> None:
    trees = Trees(files_per_look=13)
    others = [(str(tmp_path / name),) for name in "abc"]
    for other in others:
        shutil.copytree(tree[0], other[0])
    trees.look([*others, tree])
    for other in others:
        Path(*other, "more").write_bytes(bytes(MIB))
    for _ in range(5):
        trees.look([*others, tree])
    assert {trees.allocated_bytes(other) for other in others} == {MIB + sum(allocated_under(tree))}


def test_a_tree_that_is_not_there_is_no_zero(tree: tuple[str, ...]) -> None:
    trees = Trees()
    trees.look([tree])
    shutil.rmtree(tree[0])
    trees.look([tree])
    with pytest.raises(FileNotFoundError):
        trees.allocated_bytes(tree)
