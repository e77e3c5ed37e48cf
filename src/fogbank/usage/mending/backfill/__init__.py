"""Backfill: historical events from files, through the queue as all others, in batches that are confirmed once."""
