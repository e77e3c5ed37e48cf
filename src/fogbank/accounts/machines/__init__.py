"""Machines that call: API keys."""
