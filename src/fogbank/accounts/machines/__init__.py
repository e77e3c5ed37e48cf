"""Machines that call: API keys, service accounts, tokens, and how each is revoked."""
