"""Auditing: the ledger adds itself up, and walks its chain."""
