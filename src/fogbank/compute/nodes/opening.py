"""Nodes, wired: what registers, places, tells and answers for them."""

from dataclasses import dataclass, field

from fastapi import APIRouter

from fogbank.accounts.client import AccountsClient
from fogbank.compute.nodes.acts import Acts
from fogbank.compute.nodes.api.nodes import Told, node_routes, registration_routes
from fogbank.compute.nodes.api.placements import placement_routes
from fogbank.compute.nodes.configuring import Configuring, ThresholdsOf, no_thresholds
from fogbank.compute.nodes.facts import NodeFactsOf
from fogbank.compute.nodes.keeping import NodeKeeping
from fogbank.compute.nodes.observing import Observing
from fogbank.compute.nodes.placing import Placing
from fogbank.compute.nodes.registering import Registering
from fogbank.compute.nodes.sign_in.cutting import Cutter
from fogbank.compute.nodes.sign_in.desk import SignInDesk, by_registration
from fogbank.compute.nodes.throttle import RegistrationThrottle
from fogbank.queue.client import QueueClient
from fogbank.runtime.clock import Clock
from fogbank.runtime.component import BackgroundTask
from fogbank.runtime.database import Database
from fogbank.runtime.entropy import Entropy, system_entropy
from fogbank.runtime.queue_secrets import QueueSecrets


@dataclass(frozen=True, slots=True)
class QueueAccess:
    """The queue as the services reach it, as nodes are told of it, and the secrets that its sign-ins hang on."""

    url: str
    told_url: str
    secrets: QueueSecrets = field(repr=False)


@dataclass(frozen=True, slots=True)
class Nodes:
    """All of it, opened."""

    facts: NodeFactsOf
    observing: Observing
    configuring: Configuring
    throttle: RegistrationThrottle
    routers: list[APIRouter]
    tasks: list[BackgroundTask]


def open_nodes(
    *,
    database: Database,
    queue: QueueClient,
    access: QueueAccess,
    accounts: AccountsClient,
    clock: Clock,
    interval_seconds: int,
    entropy: Entropy = system_entropy,
    thresholds_of: ThresholdsOf = no_thresholds,
) -> Nodes:
    """Nodes on `database`. Accounts is asked who owners are, and keeps what administrators do."""
    acts = Acts(accounts, entropy)
    keeping = NodeKeeping(database, clock, acts, Cutter(access.url, access.secrets.system_password))
    registering = Registering(database, clock, entropy, accounts, acts, keeping.cutter, keeping.throttle)
    facts = NodeFactsOf(database)
    configuring = Configuring(database, queue, thresholds_of)
    desk = SignInDesk(queue, by_registration(database), clock, access.secrets.issuer_seed)
    return Nodes(
        facts=facts,
        observing=Observing(database, clock, configuring.instances_seen),
        configuring=configuring,
        throttle=keeping.throttle,
        routers=[
            registration_routes(registering, keeping, Told(access.told_url, interval_seconds)),
            node_routes(keeping, facts),
            placement_routes(Placing(database, accounts, acts), configuring),
        ],
        tasks=[
            BackgroundTask("answer who signs in to the queue", desk.answer_for_ever),
            BackgroundTask("configure nodes", configuring.publish_for_ever),
        ],
    )
