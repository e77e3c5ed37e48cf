"""No request that our description allows, or nearly allows, is answered as the description does not say.

schemathesis makes up requests for every operation of `openapi.json` (making.py), every kind of caller (callers.py)
sends each of them over HTTP, with names of things of its own (asking.py), and schemathesis judges the answers
(judging.py): no 5xx, no status that is not declared, no other content type, schema or header than declared, and 401 for
nobody. Every run sends the same. `FOGBANK_FUZZ=long .venv/bin/pytest tests/integration/fuzz` draws far more, and anew.
"""

import asyncio
import os

import pytest
import requests
from tests.integration.fuzz.asking import Asking
from tests.integration.fuzz.callers import CALLERS
from tests.integration.fuzz.conftest import Served
from tests.integration.fuzz.making import LONG, SHORT
from tests.integration.fuzz.sweep import Sweep


# The app draws random numbers beside the generator, which takes them for its own.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module:hypothesis.errors.HypothesisDeprecationWarning")
async def test_every_answer_to_everybody_is_as_described(served: Served) -> None:
    depth = LONG if os.environ.get("FOGBANK_FUZZ") == "long" else SHORT
    document, sweep = served.town.app.openapi(), Sweep()
    with requests.Session() as http:
        everybody = [await Asking.begin(name, served.town, arriving, http) for name, arriving in CALLERS.items()]
        await asyncio.to_thread(sweep.run, document, served.url, everybody, depth)
    operations = [f"{method.upper()} {path}" for path, said in document["paths"].items() for method in said]
    asked = {(label, caller) for label, caller, _ in sweep.answers}
    assert asked == {(label, caller) for label in operations for caller in CALLERS}
    assert not sweep.findings, "\n\n".join(sweep.findings.values())
