"""What other components know of accounts: its views, and a typed client."""

from fogbank.accounts.client.accounts import API, AccountsClient
from fogbank.accounts.client.activity import ActivitiesView, ActivityChainView, ActivityView
from fogbank.accounts.client.instances import InstancesView, InstanceTiersView, InstanceView, SetupView, TierChangeView
from fogbank.accounts.client.machines import ApiKeyCreatedView, ApiKeyView, CallerView, IntrospectionView, caller_of
from fogbank.accounts.client.organizations import MemberView, OrganizationsView, OrganizationView
from fogbank.accounts.client.people import AccountView, UserSummaryView, UsersView, UserView
from fogbank.accounts.client.services import ServiceToken, remote_authenticator
from fogbank.accounts.client.signing_in import SessionView, TokenView

__all__ = [
    "API",
    "AccountView",
    "AccountsClient",
    "ActivitiesView",
    "ActivityChainView",
    "ActivityView",
    "ApiKeyCreatedView",
    "ApiKeyView",
    "CallerView",
    "InstanceTiersView",
    "InstanceView",
    "InstancesView",
    "IntrospectionView",
    "MemberView",
    "OrganizationView",
    "OrganizationsView",
    "ServiceToken",
    "SessionView",
    "SetupView",
    "TierChangeView",
    "TokenView",
    "UserSummaryView",
    "UserView",
    "UsersView",
    "caller_of",
    "remote_authenticator",
]
