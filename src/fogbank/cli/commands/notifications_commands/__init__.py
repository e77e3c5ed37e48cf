"""The commands of `fogbank notifications`."""
