"""Asking issuers: JSON over HTTPS, at public addresses unless the operator says otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import msgspec

from fogbank.accounts.oidc.errors import IssuerUnreachable
from fogbank.runtime.outbound.client import Answer, Outbound, OutboundFailure
from fogbank.runtime.outbound.urls import Target, UrlRefused, target_of

JSON = {"accept": "application/json"}
FORM = {**JSON, "content-type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True, slots=True)
class Asking:
    """One question, one answer; `IssuerUnreachable` for whatever else."""

    outbound: Outbound
    allow_http: bool

    async def get(self, url: str, headers: Mapping[str, str] | None = None) -> Any:
        """The JSON at `url`."""
        try:
            answer = await self.outbound.get(self.target(url), {**JSON, **(headers or {})})
        except OutboundFailure as error:
            raise IssuerUnreachable(str(error)) from error
        if answer.status != HTTPStatus.OK:
            raise IssuerUnreachable(f"{url} answered {answer.status}.")
        return _json_of(url, answer)

    async def post(self, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> tuple[int, Any]:
        """The status and the JSON that `url` answers to `form`."""
        try:
            answer = await self.outbound.post(self.target(url), urlencode(form).encode(), {**FORM, **headers})
        except OutboundFailure as error:
            raise IssuerUnreachable(str(error)) from error
        return answer.status, _json_of(url, answer)

    def target(self, url: str) -> Target:
        """Where a URL leads; `IssuerUnreachable` for one that we do not ask."""
        try:
            return target_of(url, allow_http=self.allow_http)
        except UrlRefused as error:
            raise IssuerUnreachable(f"The URL {url} {error}.") from error


def _json_of(url: str, answer: Answer) -> Any:
    if answer.is_cut:
        raise IssuerUnreachable(f"{url} answered more than we read.")
    try:
        return msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise IssuerUnreachable(f"{url} did not answer with JSON.") from error
