"""Compute: the agent that measures instances and sends usage events, and the current picture of all of them."""
