"""All routes under /organization, in the order in which addresses are looked up."""

from fastapi import APIRouter

from fogbank.portal.routes.organization.grave import ending_routes, security_routes
from fogbank.portal.routes.organization.instances import instance_routes
from fogbank.portal.routes.organization.invitations import inviting_routes
from fogbank.portal.routes.organization.members import member_routes
from fogbank.portal.routes.organization.overview import overview_routes
from fogbank.portal.routes.organization.own import own_routes
from fogbank.portal.routes.organization.ownership import ownership_routes
from fogbank.portal.routes.organization.projects import project_routes
from fogbank.portal.visit import Reception

ROUTES = (
    overview_routes,
    own_routes,
    member_routes,
    inviting_routes,
    security_routes,
    ending_routes,
    ownership_routes,
    instance_routes,
    project_routes,
)


def organization_routes(reception: Reception) -> list[APIRouter]:
    return [routes(reception) for routes in ROUTES]
