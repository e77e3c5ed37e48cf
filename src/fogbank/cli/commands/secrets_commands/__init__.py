"""The commands of `fogbank secrets`."""
