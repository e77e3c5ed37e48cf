"""`python -m fogbank.cli.agent_process`: the process as which `fogbank agent` goes on (see `agent_handover`)."""

import importlib
import sys

RUNNING = "fogbank.cli.agent_running"
NOT_LOADED = ("greenlet", "importlib.metadata", "rich", "typing_extensions")
"""What libraries load only where it is there, and do without where it is not: a quarter of the agent's memory."""


def main() -> None:
    """Run the agent; an expected failure is one sentence on standard error, as for every command."""
    sys.modules.update(dict.fromkeys(NOT_LOADED))  # type: ignore[arg-type]
    try:
        importlib.import_module(RUNNING).run(int(sys.argv[1]))
    except Exception as error:
        for name in NOT_LOADED:
            del sys.modules[name]
        known = importlib.import_module("fogbank.cli.sentences").sentence_for(error)
        if known is None:
            raise
        importlib.import_module("fogbank.cli.terminal").fail(*known)


if __name__ == "__main__":
    main()
