"""Running the agent until it is stopped, with what was handed over."""

import asyncio
import ctypes
import gc
import signal
from contextlib import suppress

from fogbank.cli.agent_handover import take_over
from fogbank.compute.agent.running import AgentSettings, run_agent
from fogbank.runtime.supervisor.readiness import tell_ready
from fogbank.runtime.telemetry import LogFormat, configure_logs


def run(descriptor: int) -> None:
    """Take over, and run."""
    handover = take_over(descriptor)
    configure_logs(LogFormat(handover.log_format), handover.log_level)
    _settle()
    asyncio.run(_until_stopped(handover.settings, handover.ready_fd))


def _settle() -> None:
    """What is loaded now stays for ever: it is not looked through again and again, and the rest goes to the system."""
    gc.collect()
    gc.freeze()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


async def _until_stopped(settings: AgentSettings, ready_fd: int | None) -> None:
    settings.spool_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    running = asyncio.create_task(run_agent(settings))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, running.cancel)
    loop.call_soon(tell_ready, ready_fd)
    with suppress(asyncio.CancelledError):
        await running
