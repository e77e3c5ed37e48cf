"""The audit: events = rollups = charges = ledger, to the last unit."""
