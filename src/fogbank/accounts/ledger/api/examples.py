"""What the API's description shows of the ledger."""

from typing import Any

BALANCE: dict[str, Any] = {
    "account_id": "org_789012",
    "currency": "EUR",
    "balance": "1250",
    "available": "1200",
    "held": "50",
    "floor": "0",
    "arrears": "0",
    "grants": [
        {
            "id": "welcome-org_789012",
            "kind": "promotional",
            "remaining": "250",
            "priority": 10,
            "expires_at": "2026-12-31T00:00:00Z",
        }
    ],
    "is_frozen": False,
    "runway": {"seconds": 1036800, "days": "12", "spent": "100", "measured_seconds": 86400},
    "at": None,
}
"""250 of it was given and ends with the year; it lasts twelve days if it is spent as yesterday."""
