"""Ingesting: from the queue's messages into the store, each reading exactly once."""
