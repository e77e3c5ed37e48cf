"""Billing's decisions: pure functions over the model. No I/O, no clock."""
