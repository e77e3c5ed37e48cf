"""The demo: a dozen customers, and what happened to them in 30 days."""
