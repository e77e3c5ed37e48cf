"""Addresses under /settings."""
