"""Tokens and keys: how they look, who they speak for, and how every process knows in time that one holds no longer."""
