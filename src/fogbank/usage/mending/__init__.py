"""Mending: corrections, conflicts, the quarantine, reading the queue again, and history from files."""
