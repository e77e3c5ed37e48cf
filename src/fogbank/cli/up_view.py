"""What `fogbank up` shows: the start as it goes, then one URL, then only what the operator should know."""

from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from fogbank.runtime.supervisor.supervisor import Happened, What

NAMES = {
    "postgres": "PostgreSQL",
    "nats": "NATS JetStream",
    "usage": "Usage",
    "services": "Accounts, billing, portal",
    "agent": "This machine's agent",
}
PURPOSES = {
    "postgres": "accounts and ledger",
    "nats": "readings under way",
    "usage": "ClickHouse, every reading",
    "services": "the one origin",
    "agent": "measures this host",
}
NAME_COLUMNS = 26
SECONDS_COLUMNS = 7
WIDE = 72
SIGN = {What.READY: "[good]✓[/]", What.STOPPED: "[quiet]○[/]", What.FAILED: "[bad]✗[/]"}


@dataclass(slots=True)
class UpView:
    """The start and the stop as lists that fill; what happens in between as lines."""

    console: Console
    children: list[str]
    _title: str = ""
    _states: dict[str, Happened] = field(default_factory=dict)
    _live: Live | None = None
    _is_moving: bool = True

    def begin(self, title: str) -> None:
        """Show the list under `title`, and keep it up to date until `end`."""
        self._is_moving, self._title = True, title
        self._live = Live(self._render(), console=self.console, refresh_per_second=12, transient=False)
        self._live.start()

    def end(self) -> None:
        """Leave the list as it is; nothing in it moves any more."""
        if self._live is not None:
            self._is_moving = False
            self._live.update(self._render(), refresh=True)
            self._live.stop()
            self._live = None
            if not self.console.is_terminal:
                self.console.print()

    def note(self, happened: Happened) -> None:
        """Something happened: in the list while one is shown, as a line else."""
        self._states[happened.child] = happened
        if self._live is not None:
            self._live.update(self._render())
        elif (line := line_for(happened)) is not None:
            self.console.print(line, soft_wrap=True)

    def _render(self) -> RenderableType:
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(width=1)
        grid.add_column(no_wrap=True, width=NAME_COLUMNS)
        if self.console.width >= WIDE:
            grid.add_column(style="quiet", no_wrap=True, width=NAME_COLUMNS)
        grid.add_column(style="quiet", justify="right", no_wrap=True, width=SECONDS_COLUMNS)
        for child in self.children:
            state = self._states.get(child)
            purpose = [PURPOSES[child]] if self.console.width >= WIDE else []
            grid.add_row(_sign(state, is_moving=self._is_moving), NAMES[child], *purpose, _seconds(state))
        return Group(Text.from_markup(self._title), Text(), grid)


def _sign(state: Happened | None, *, is_moving: bool) -> RenderableType:
    if state is not None and state.what in SIGN:
        return Text.from_markup(SIGN[state.what])
    if state is None or not is_moving:
        return Text("·", style="quiet")
    return Spinner("dots", style="link")


def _seconds(state: Happened | None) -> str:
    return f"{state.seconds:.2f} s" if state is not None and state.what in (What.READY, What.STOPPED) else ""


def line_for(happened: Happened) -> str | None:
    """The line that tells of it after the start; None for what is no news."""
    name = f"[name]{NAMES[happened.child]}[/]"
    if happened.what is What.DIED:
        return f"[worry]![/] {name} died ({happened.detail}); starting it again in {happened.seconds:.1f} s"
    if happened.what is What.FAILED:
        return f"[bad]✗[/] {happened.detail} Trying again in {happened.seconds:.1f} s"
    if happened.what is What.RESTARTED:
        return f"[good]✓[/] {name} is back after {happened.seconds:.2f} s"
    return None


@dataclass(frozen=True, slots=True)
class Welcome:
    """What the operator needs once everything runs."""

    url: str
    sign_in_url: str | None
    email: str
    password: str | None
    data: Path
    seconds: float


def show_welcome(console: Console, welcome: Welcome) -> None:
    """One URL, the way in, and how to stop. URLs are never cut or folded: they are there to be copied."""
    rows = [("Open", f"[link]{welcome.url}[/]")]
    if welcome.sign_in_url:
        rows.append(("Sign in", f"[link]{welcome.sign_in_url}[/] [quiet](works once)[/]"))
    if welcome.password:
        rows.append(("Later as", f"{welcome.email} [quiet]with[/] {welcome.password} [quiet](shown once)[/]"))
    rows.append(("Data", f"[quiet]{welcome.data}[/]"))
    console.print()
    for label, text in rows:
        console.print(f"[name]{label:<9}[/] {text}", soft_wrap=True)
    console.print(f"\n[quiet]Ready in {welcome.seconds:.1f} s. Ctrl-C drains and stops everything.[/]")
