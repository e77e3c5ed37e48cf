"""Signing in: passwords, links, sessions, and the tokens that they buy."""
