"""The scopes that exist: what a key or a service account can be limited to. Every route's is one of these."""

from collections.abc import Mapping

EVERY_SCOPE = "*"
"""All that its holder may do, and administer where they may."""

SCOPES: Mapping[str, str] = {
    "accounts:read": "See people, organisations, keys, instances and the activity log.",
    "accounts:write": "Change them: make and revoke keys, invite members, register instances.",
    "billing:read": "See prices, charges, spend and what accounts will cost.",
    "ledger:read": "See balances, transfers, holds and statements.",
    "ledger:write": "Deduct, hold and transfer credit.",
    "nodes:read": "See nodes and placements.",
    "nodes:write": "Let nodes in and say what is placed on them.",
    "notifications:read": "See notices and webhooks.",
    "notifications:write": "Change what is told to whom, and webhooks.",
    "thresholds:read": "See thresholds and what is beyond them.",
    "thresholds:write": "Set and remove thresholds.",
    "usage:read": "See current usage and its history.",
    "usage:write": "Send readings; correct, replay and keep what was measured.",
}


def unknown_scopes(wanted: frozenset[str]) -> frozenset[str]:
    """Those of `wanted` that do not exist."""
    return wanted - SCOPES.keys() - {EVERY_SCOPE}
