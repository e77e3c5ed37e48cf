"""What a person does about themselves goes to accounts, as them."""

from dataclasses import dataclass

from fastapi import Request

from fogbank.accounts.client import SignInClient
from fogbank.accounts.client.factors import FactorsClient
from fogbank.accounts.client.issuers import IssuersClient
from fogbank.accounts.client.keys import KeysClient, ServiceAccountsClient
from fogbank.accounts.client.people import PeopleClient
from fogbank.portal.visit import Visit

COMPONENT = "Accounts"


@dataclass(frozen=True, slots=True)
class Own:
    """The clients of accounts, acting as one person."""

    people: PeopleClient
    factors: FactorsClient
    sessions: SignInClient
    issuers: IssuersClient
    keys: KeysClient
    machines: ServiceAccountsClient


def own(visit: Visit) -> Own:
    """The clients, as the person of this visit."""
    service = visit.desk.accounts.service
    return Own(
        people=PeopleClient(service),
        factors=FactorsClient(service),
        sessions=SignInClient(service),
        issuers=IssuersClient(service),
        keys=KeysClient(service),
        machines=ServiceAccountsClient(service),
    )


def meet_anew(request: Request) -> None:
    """What this process knows of the person has changed: the next request asks again."""
    request.state.forget_person()
