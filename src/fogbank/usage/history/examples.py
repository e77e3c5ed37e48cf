"""What history answers, by example: one of each subject, and of each format."""

from typing import Any

from fogbank.usage.history.asking import MEDIA_TYPES

INSTANCE = {
    "rows": [
        {
            "start": "2026-03-01T23:00:00Z",
            "end": "2026-03-02T23:00:00Z",
            "group": {},
            "quantities": {
                "cpu_seconds": "10800",
                "gpu_seconds": "0",
                "memory_gb_seconds": "361620",
                "storage_gb_seconds": "2212770",
                "network_egress_mb": "43625.7",
                "network_ingress_mb": "24969",
                "instance_seconds": "86100",
            },
            "averages": {"cpu_percent": "12.5", "memory_gb": "4.2", "memory_percent": "52.5", "storage_gb": "25.7"},
            "events": 2870,
            "unmetered_seconds": "300",
        }
    ],
    "complete_until": "2026-03-04T10:00:00Z",
    "next_cursor": None,
    "gaps": [{"start": "2026-03-02T04:10:00Z", "end": "2026-03-02T04:15:00Z", "readings_missing": 10}],
}
"""One instance by day of Berlin: five minutes of it were not measured."""

USER = {
    "rows": [
        {
            "start": "2026-03-01T00:00:00Z",
            "end": "2026-04-01T00:00:00Z",
            "group": {"instance": "instance_abcdef", "meter": "cpu_seconds"},
            "quantities": {"cpu_seconds": "324000.25"},
            "averages": {"cpu_percent": "12.5", "memory_gb": "4.2", "memory_percent": "52.5", "storage_gb": "25.7"},
            "events": 89280,
            "unmetered_seconds": "0",
        }
    ],
    "complete_until": "2026-04-04T10:00:00Z",
    "next_cursor": None,
    "gaps": [],
}
"""`interval=month&group_by=instance,meter&meter=cpu_seconds`."""

ORGANIZATION = {
    "rows": [
        {
            "start": "2026-03-01T10:00:00Z",
            "end": "2026-03-01T11:00:00Z",
            "group": {"tier": "gpu-large", "node": "node-7"},
            "quantities": {},
            "averages": {},
            "events": 0,
            "unmetered_seconds": "3600",
        }
    ],
    "complete_until": "2026-03-04T10:00:00Z",
    "next_cursor": "WzE3NzIzNTkyMDAwMDAwMDAsIiIsIiIsImdwdS1sYXJnZSIsIm5vZGUtNyIsIiJd",
    "gaps": [],
}
"""`group_by=tier,node`: an hour that was not measured is not zero, its quantities are absent."""

CSV = (
    "start,end,meter,quantity,cpu_percent_average,memory_gb_average,memory_percent_average,storage_gb_average,"
    "events,unmetered_seconds\r\n"
    "2026-03-01T00:00:00Z,2026-03-02T00:00:00Z,cpu_seconds,10800.25,12.5,4.2,52.5,25.7,2880,0\r\n"
    "2026-03-02T00:00:00Z,2026-03-03T00:00:00Z,cpu_seconds,,,,,,0,86400\r\n"
)
"""`interval=day&group_by=meter&meter=cpu_seconds`: of the second day nothing was measured."""

_TABLE = (
    "The whole span, with the columns of the CSV: instants are timestamps in UTC, quantities, averages and unmetered "
    "seconds decimal128(38, 6), null where nothing was measured."
)


def answers() -> dict[str, Any]:
    """What 200 answers, for the API's description; the framework adds the schema of a page."""
    binary = {"type": "string", "format": "binary", "description": _TABLE}
    return {
        "description": "A page as JSON, or the whole span as CSV, an Arrow IPC stream or Parquet.",
        "content": {
            MEDIA_TYPES["json"]: {
                "examples": {
                    "instance": {"summary": "An instance, by day of Europe/Berlin", "value": INSTANCE},
                    "user": {"summary": "A user, by month, instance and one meter", "value": USER},
                    "organization": {"summary": "An organisation, by hour, tier and node", "value": ORGANIZATION},
                },
            },
            MEDIA_TYPES["csv"]: {"schema": {"type": "string"}, "examples": {"by_meter": {"value": CSV}}},
            MEDIA_TYPES["arrow"]: {"schema": binary, "examples": {"stream": {"summary": _TABLE, "value": "ARROW…"}}},
            MEDIA_TYPES["parquet"]: {"schema": binary, "examples": {"file": {"summary": _TABLE, "value": "PAR1…"}}},
        },
    }
