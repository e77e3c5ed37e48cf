"""What stands between the generator and the app: who asks, and names of things that are there instead of random ones.

A random name finds nothing, and what lies behind the first 404 would never be asked.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import requests
from schemathesis import Case, Response
from tests.integration.fuzz.callers import Arrived, Arriving
from tests.integration.tenancy.filling import THING
from tests.integration.tenancy.routes import PARAMETERS, PLACES
from tests.integration.tenancy.town import Town

SPENT = ("token-refused", "api-key-refused", "account-closed", "account-suspended")
"""What who asks is told when they ended themselves: they arrive anew."""

GENERATED_ONE_IN = 4
"""So many names stay as generated."""


@dataclass(slots=True)
class Asking:
    """One kind of caller, at work in a thread beside the app's loop."""

    name: str
    town: Town
    arriving: Arriving
    arrived: Arrived
    loop: asyncio.AbstractEventLoop
    http: requests.Session

    @classmethod
    async def begin(cls, name: str, town: Town, arriving: Arriving, http: requests.Session) -> "Asking":
        return cls(name, town, arriving, await arriving(town), asyncio.get_running_loop(), http)

    @property
    def is_nobody(self) -> bool:
        return not self.arrived.headers

    def naming(self, made: Case[Any]) -> Case[Any]:
        """What was made up, naming what is there and is this caller's."""
        case = made.derive()
        if case.meta is None:
            return self._walking(case)
        draw = crc32(repr((case.path_parameters, case.query)).encode())
        if draw % GENERATED_ONE_IN:
            case.path_parameters = {**case.path_parameters, **self._in_path(case.path)}
        if isinstance(case.query, dict) and draw % 3:
            case.query = self._named(case.query)
        if isinstance(case.body, dict | list) and draw % 5:
            case.body = self._named(case.body)
        return case

    def _walking(self, case: Case[Any]) -> Case[Any]:
        """What the walk asks is not made up: everything in it names something."""
        case.path_parameters = self._in_path(case.path)
        case.query = self._filled(case.query)
        if isinstance(case.body, dict | list):
            case.body = self._filled(case.body)
        return case

    def ask(self, case: Case[Any]) -> Response:
        """What is answered; who asks arrives anew when they are no more."""
        response = case.call(session=self.http, headers=dict(self.arrived.headers))
        if response.status_code in (401, 403, 409) and not self.is_nobody and kind_of(response) in SPENT:
            self.arrived = asyncio.run_coroutine_threadsafe(self.arriving(self.town), self.loop).result()
        return response

    def _in_path(self, path: str) -> dict[str, str]:
        """What stands in a path under each name, as far as there is something."""
        meant = path
        for place, stands_for in PLACES.items():
            meant = meant.replace(place, stands_for)
        named = zip(THING.findall(path), THING.findall(meant), strict=True)
        found = {name: self.arrived.things.get(what) or self._thing(what) for name, what in named}
        return {name: value for name, value in found.items() if value is not None}

    def _thing(self, name: str) -> str | None:
        said = PARAMETERS.get(name)
        return said if said is None else said.format_map(self.arrived.things)

    def _named(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {
                name: (self._thing(name) or each) if isinstance(each, str) else self._named(each)
                for name, each in value.items()
            }
        return [self._named(each) for each in value] if isinstance(value, list) else value

    def _filled(self, value: Any) -> Any:
        return json.loads(THING.sub(lambda name: self.arrived.things[name[1]], json.dumps(value)))


def kind_of(response: Response) -> str:
    try:
        return str(json.loads(response.content)["type"]).rsplit(":", 1)[-1]
    except (ValueError, KeyError, TypeError):
        return ""
