"""Webhooks: what happens to an account, posted to URLs of its own, signed, tried for a day, and logged."""
