"""Backup: the whole data directory in one file while it runs, and back again."""
