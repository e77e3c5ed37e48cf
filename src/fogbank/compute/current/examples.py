"""What the API's description shows of current usage."""

from typing import Any

RATES = {
    "cpu_seconds": "1",
    "gpu_seconds": "0",
    "memory_gb_seconds": "4.2",
    "storage_gb_seconds": "25.7",
    "network_egress_mb": "0.506667",
    "network_ingress_mb": "0.29",
    "instance_seconds": "1",
}
CURRENT: dict[str, Any] = {
    "id": "instance_abcdef",
    "at": "2023-07-15T14:30:12Z",
    "totals": {"instances": 1, "stale_instances": 0, "per_second": RATES},
    "instances": [
        {
            "instance_id": "instance_abcdef",
            "user_id": "user_123456",
            "org_id": "org_789012",
            "metrics": {
                "cpu_seconds": 30,
                "cpu_percent_avg": 12.5,
                "memory_gb": 4.2,
                "memory_percent": 52.5,
                "storage_gb": 25.7,
                "network_egress_mb": 15.2,
                "network_ingress_mb": 8.7,
                "gpu_seconds": 0,
            },
            "period": {"start": "2023-07-15T14:29:30Z", "end": "2023-07-15T14:30:00Z"},
            "per_second": RATES,
            "age_seconds": 12,
            "is_stale": False,
        }
    ],
    "next_cursor": None,
}
"""The published reading, twelve seconds after its period ended."""
