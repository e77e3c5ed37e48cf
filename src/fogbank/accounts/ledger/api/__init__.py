"""Routes of the ledger: for accounts, and for services."""
