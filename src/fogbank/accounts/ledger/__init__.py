"""The ledger: double entry, append-only, hash-chained. Who has how much, and why."""
