"""The commands of `fogbank activity`."""
