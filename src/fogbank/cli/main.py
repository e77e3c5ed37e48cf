"""The command line: which commands there are, and how a failure is told."""

import importlib
import os
import sys
from importlib.metadata import version
from typing import Annotated, Any

import typer
import typer.core
from rich.table import Table

from fogbank.cli.terminal import FAILED, INTERRUPTED, MISUSED, as_sentence, fail, out

COMMANDS = {
    "up": "Start everything on this machine: one command, one URL.",
    "demo": "Fill a fresh system with 30 days of plausible customers.",
    "simulate": "Send a fleet's readings, or a recorded trace, through the real queue.",
    "activity": "Read, export and verify who did what.",
    "secrets": "Change the key that secrets are sealed with.",
    "audit": "Prove that readings, usage, charges and ledger are equal.",
    "backup": "Save the whole data directory in one file, while it runs.",
    "restore": "Make a data directory of a backup.",
    "usage": "Mend, replay and keep what was measured.",
    "keys": "List and revoke API keys, and say which scopes there are.",
    "signing-keys": "See and change the keys that tokens are signed with.",
    "people": "Let people in who cannot sign in by themselves.",
    "issuers": "Let people sign in by other issuers (OpenID).",
    "notifications": "Send a test e-mail, and see what became of others.",
    "price": "Check the price models against cases of yours.",
    "bench": "Measure how fast the parts are.",
    "run": "Run some of the components, against servers of yours.",
    "agent": "Measure this machine and send what it used.",
    "nodes": "Let nodes in, and say which instance is on which.",
    "thresholds": "Set limits on what is used, spent and left, and see what is beyond.",
    "permissions": "Print who may do what in an organisation, by role.",
    "config": "Show every setting, and where it came from.",
    "version": "Show the version.",
}
"""Every command and its line of help. A command's module is only imported when it is called."""


class Commands(typer.core.TyperGroup):
    """The commands of `fogbank.cli.commands`, in our order, each loaded when it is needed."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - typer's signature
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - typer's signature
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"fogbank.cli.commands.{cmd_name.replace('-', '_')}")
        command = typer.main.get_command(module.app)
        command.name = cmd_name
        return command

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - typer's signature
        out.print(f"[name]fogbank[/] [quiet]{version('fogbank')}[/]  {self.help}\n", soft_wrap=False)
        table = Table.grid(padding=(0, 3, 0, 2))
        for name, purpose in COMMANDS.items():
            table.add_row(f"[link]{name}[/]", purpose)
        out.print(table)
        out.print("\n[quiet]`fogbank COMMAND --help` says more. A first run: [/]fogbank up")


app = typer.Typer(
    cls=Commands,
    pretty_exceptions_enable=False,
    add_completion=False,
    invoke_without_command=True,
    help="Measures a compute network, prices it, charges it, and proves it.",
)


@app.callback()
def fogbank(context: typer.Context, *, version: Annotated[bool, typer.Option("--version")] = False) -> None:
    """Show the help when nothing is asked for, and the version to whoever asks as other programs are asked."""
    if version:
        importlib.import_module("fogbank.cli.commands.version").version()
        raise typer.Exit
    if context.invoked_subcommand is None:
        context.get_help()


def main() -> None:
    """Run a command; an expected failure is one sentence on standard error, and exit code 1 or 2."""
    try:
        sys.exit(app(prog_name="fogbank", standalone_mode=False))
    except typer.TyperException as error:
        said = str(error.format_message()) if hasattr(error, "format_message") else str(error)
        if not said.strip():  # the help was shown instead
            sys.exit(MISUSED)
        fail(f"{as_sentence(said)} `{_command_of(error)} --help` shows how.", MISUSED)
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # Who read our output has read enough, as `head` does. Python would complain once more while it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED)
    except Exception as error:
        sentences = importlib.import_module("fogbank.cli.sentences")
        known = sentences.sentence_for(error)
        if known is None:
            raise
        fail(*known)


def _command_of(error: typer.TyperException) -> str:
    context = getattr(error, "ctx", None)
    return "fogbank" if context is None else str(context.command_path)
