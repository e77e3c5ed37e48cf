"""Where the ledger's routes are, and how much they take at once."""

ACCOUNTS_PATH = "/api/v1/accounts"
LEDGER_PATH = "/api/v1/ledger"

CHARGES_MAX = 10_000
DEDUCTIONS_MAX = 10_000
LINES_MAX = 1_000
"""The longest page of transfers, lines or holds."""
