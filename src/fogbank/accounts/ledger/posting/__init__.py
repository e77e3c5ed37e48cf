"""Posting: from an operation to entries on disk."""
