"""What machines are refused, as problems."""

from fogbank.accounts.errors import Refusal
from fogbank.accounts.machines import errors
from fogbank.accounts.organizations.errors import NotActive
from fogbank.accounts.refusals import PROBLEMS
from fogbank.kernel.scopes import SCOPES
from fogbank.runtime.http.refusals import Rendered, refusals_as_problems
from fogbank.runtime.problems import Problem


def _unknown_scopes(refusal: errors.UnknownScopes) -> Problem:
    scopes = sorted(refusal.scopes)
    detail = f"There is no scope {', '.join(scopes)}; there are {', '.join(SCOPES)}, and * for all."
    return Problem(422, "unknown-scope", detail, extra={"scopes": scopes, "known": list(SCOPES)})


def _not_a_network(refusal: errors.NotANetwork) -> Problem:
    detail = "Give networks as such as 192.0.2.0/24, 2001:db8::/32 or a single address, without bits beside the mask."
    return Problem(422, "not-a-network", detail, extra={"network": refusal.text})


def _end_out_of_reach(_refusal: errors.EndOutOfReach) -> Problem:
    return Problem(422, "end-out-of-reach", "Give an instant to come, within the next hundred years, or none.")


def _lasts_longer(_refusal: errors.LastsLonger) -> Problem:
    return Problem(403, "lasts-longer", "A key can make only what ends no later than it does itself.")


def _wider_networks(_refusal: errors.WiderNetworks) -> Problem:
    return Problem(403, "wider-networks", "A key can make only what is used from nowhere that it may not be used from.")


def _machine_ended(refusal: errors.MachineEnded) -> Problem:
    detail = f"'{refusal.identifier}' was revoked or has expired, so it changes no more; make a new one."
    return Problem(409, "machine-ended", detail)


def _not_active(refusal: NotActive) -> Problem:
    detail = f"The organisation is {refusal.status}, so nothing of the kind can be made; revoking still works."
    return Problem(409, "not-active", detail, extra={"status": str(refusal.status)})


OWN: dict[type[Refusal], Rendered] = {
    errors.UnknownScopes: _unknown_scopes,
    errors.NotANetwork: _not_a_network,
    errors.EndOutOfReach: _end_out_of_reach,
    errors.LastsLonger: _lasts_longer,
    errors.WiderNetworks: _wider_networks,
    errors.MachineEnded: _machine_ended,
    NotActive: _not_active,
}

REFUSALS = refusals_as_problems({**PROBLEMS, **OWN})
"""For a router's `dependencies=`."""
