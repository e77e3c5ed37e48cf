"""A store that the first release made is brought to today's tables: nothing is lost, and it happens once."""

import asyncio
import sys
from pathlib import Path

import msgspec

from fogbank.runtime.embedded import temporary_directory

SCRIPT = Path(__file__).with_name("upgrading.py")


async def test_hours_of_an_earlier_release_are_rolled_up_anew_once_with_what_they_lacked() -> None:
    with temporary_directory() as directory:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, str(SCRIPT), str(directory / "usage")),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    held = [["node-1", 240, 240_000_000]]
    assert msgspec.json.decode(output.splitlines()[-1]) == [[2, held], [0, held]]
