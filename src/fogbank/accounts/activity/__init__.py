"""The activity log: who did what, to what, why, and what changed. Append-only, and chained by hashes."""
