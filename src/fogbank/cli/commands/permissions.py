"""`fogbank permissions`: the table of who may do what in an organisation, as every component asks it."""

from typing import Annotated, Any

import typer
from rich.table import Table

from fogbank.accounts.client.permissions import READERS_OF_CLOSED, RULES, Permission, Role, Rule
from fogbank.cli.options import JsonOption
from fogbank.cli.terminal import out, print_json

MarkdownOption = Annotated[bool, typer.Option("--markdown", help="Print it as docs/permissions.md has it.")]

WIDE = 120
"""From this many columns on, each permission's sentence fits beside it."""

app = typer.Typer(add_completion=False)

HEAD = """\
# Permissions

Who may do what in an organisation. There is one table, `fogbank/accounts/client/permissions.py`; every component
asks it, and `fogbank permissions --markdown` prints this page. Nobody gives a role that allows more than their own,
and an organisation keeps an owner. Administrators and services may do everything, and administrators say why.

*Suspended* and *closed* say what is left of it when the organisation is. A closed one is read by who was {readers}.
What else stops then is in [organizations.md](organizations.md).
"""


@app.command(help="Print who may do what in an organisation: every permission, by role.")
def permissions(*, markdown: MarkdownOption = False, json: JsonOption = False) -> None:
    if json:
        print_json([_document(permission, rule) for permission, rule in RULES.items()])
    elif markdown:
        typer.echo(as_markdown(), nl=False)
    else:
        is_wide = out.width >= WIDE
        out.print(_table(is_wide=is_wide))
        if not is_wide:
            out.print("[quiet]What each allows: `fogbank permissions --markdown`, or a wider terminal.[/]")


def as_markdown() -> str:
    """The whole of docs/permissions.md."""
    readers = " or ".join(role for role in Role if role in READERS_OF_CLOSED)
    lines = [HEAD.format(readers=readers), _row("Permission", "What it allows", *Role, "suspended", "closed")]
    lines.append("| --- | --- |" + " :-: |" * (len(Role) + 2))
    for permission, rule in RULES.items():
        lines.append(_row(f"`{permission}`", rule.sentence, *_marks(rule)))
    return "\n".join(lines) + "\n"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _marks(rule: Rule) -> list[str]:
    """Of each role, and of the two standings, whether it is allowed."""
    allowed = [*(role in rule.roles for role in Role), rule.while_suspended, rule.while_closed]
    return ["✓" if each else "" for each in allowed]


def _table(*, is_wide: bool) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="quiet")
    table.add_column("permission", style="name", no_wrap=True)
    for column in (*Role, "suspended", "closed"):
        table.add_column(str(column), justify="center", no_wrap=True)
    if is_wide:
        table.add_column("what it allows", style="quiet", overflow="fold")
    for permission, rule in RULES.items():
        table.add_row(str(permission), *_marks(rule), *([rule.sentence] if is_wide else []))
    return table


def _document(permission: Permission, rule: Rule) -> dict[str, Any]:
    return {
        "permission": permission.value,
        "sentence": rule.sentence,
        "roles": [role.value for role in Role if role in rule.roles],
        "while_suspended": rule.while_suspended,
        "while_closed": rule.while_closed,
    }
