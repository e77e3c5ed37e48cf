"""The commands of `fogbank people`."""
