"""Billing: price usage, charge it to the ledger, and say what it costs as it happens."""
