"""Usage: every reading stored once, rolled up, and answered: history for people, totals for billing."""
