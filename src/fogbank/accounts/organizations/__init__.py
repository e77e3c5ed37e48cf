"""Organisations, and who belongs to them as what."""
