"""The table of scopes: every route's scope is in it, and it lists none that no route asks for."""

import ast
from pathlib import Path

import fogbank
from fogbank.kernel.scopes import SCOPES, unknown_scopes

SOURCE = Path(fogbank.__file__).parent
ROOT = Path(__file__).parents[3]
CALL = "require_scope"


def test_every_route_asks_for_a_scope_of_the_table_and_no_scope_is_asked_for_by_nobody() -> None:
    assert asked_for() == set(SCOPES)


def test_the_documentation_lists_each_scope_and_what_it_allows() -> None:
    text = (ROOT / "docs" / "machines.md").read_text()
    for scope, sentence in SCOPES.items():
        assert f"| `{scope}` | {sentence} |" in text


def test_what_is_no_scope_is_told() -> None:
    assert unknown_scopes(frozenset({"*", "usage:read", "usage:everything"})) == {"usage:everything"}


def asked_for() -> set[str]:
    """Every scope that any module's `require_scope(…)` names, directly or by a constant."""
    found: set[str] = set()
    for file in SOURCE.rglob("*.py"):
        text = file.read_text()
        if f"{CALL}(" in text and f"def {CALL}(" not in text:
            found |= scopes_of(ast.parse(text))
    return found


def scopes_of(module: ast.Module) -> set[str]:
    constants = {
        target.id: node.value.value
        for node in module.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    arguments = [
        node.args[0]
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == CALL
    ]
    return {
        str(argument.value) if isinstance(argument, ast.Constant) else str(constants[argument.id])
        for argument in arguments
        if isinstance(argument, ast.Constant | ast.Name)
    }
