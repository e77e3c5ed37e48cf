"""Organisations and what belongs to them, put together for the component: services, routes, and work beside them."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter

from fogbank.accounts.activity.recording import Recorder
from fogbank.accounts.activity.service import ActivityLog
from fogbank.accounts.factors.proofs import RecentProofs
from fogbank.accounts.instances.allocation import Allocation
from fogbank.accounts.instances.api import instance_routes
from fogbank.accounts.instances.service import Instances
from fogbank.accounts.instances.tiers import Tiers
from fogbank.accounts.organizations.accepting import Invitations
from fogbank.accounts.organizations.api.invitations import invitation_routes, inviting_routes
from fogbank.accounts.organizations.api.organizations import membership_routes, organization_routes
from fogbank.accounts.organizations.api.ownership import ownership_routes
from fogbank.accounts.organizations.api.projects import project_routes
from fogbank.accounts.organizations.invitations import Inviting
from fogbank.accounts.organizations.members import Members
from fogbank.accounts.organizations.ownership import Ownership
from fogbank.accounts.organizations.projects import Projects
from fogbank.accounts.organizations.service import Organizations
from fogbank.accounts.organizations.standing.api import closing_routes, standing_routes
from fogbank.accounts.organizations.standing.service import Standings
from fogbank.accounts.organizations.standing.telling import Teller
from fogbank.accounts.signing_in.mailing import Mailing
from fogbank.queue.client import QueueClient
from fogbank.runtime.clock import Clock
from fogbank.runtime.component import BackgroundTask
from fogbank.runtime.database import Database
from fogbank.runtime.entropy import Entropy


@dataclass(frozen=True, slots=True)
class OrganizationRooms:
    """What the other rooms of accounts use, and what the component adds to its own."""

    organizations: Organizations
    instances: Instances
    invitations: Invitations
    standings: Standings
    routers: Sequence[APIRouter]
    tasks: Sequence[BackgroundTask]


def organization_rooms(
    *,
    database: Database,
    recorder: Recorder,
    activity: ActivityLog,
    mailing: Mailing,
    proofs: RecentProofs,
    queue: QueueClient | None,
    clock: Clock,
    entropy: Entropy,
) -> OrganizationRooms:
    """Without `queue`, signals of standings wait in the database until a process has one."""
    organizations = Organizations(database, recorder, clock, entropy)
    instances = Instances(database, recorder, clock)
    invitations = Invitations(database, recorder, clock)
    standings = Standings(database, recorder, clock)
    routers = [
        organization_routes(organizations, Members(database, recorder, clock)),
        membership_routes(organizations),
        inviting_routes(Inviting(database, recorder, mailing, clock, entropy)),
        invitation_routes(invitations),
        ownership_routes(Ownership(database, recorder, clock, entropy), proofs),
        project_routes(Projects(database, recorder, clock, entropy)),
        standing_routes(standings),
        closing_routes(standings, proofs),
        instance_routes(instances, Tiers(database, clock, activity), Allocation(database, recorder, clock)),
    ]
    tasks = [] if queue is None else [BackgroundTask("tell standings", Teller(database, queue, clock).run)]
    return OrganizationRooms(organizations, instances, invitations, standings, routers, tasks)
