"""The commands of `fogbank keys` and `fogbank signing-keys`, and how they reach the running system."""
