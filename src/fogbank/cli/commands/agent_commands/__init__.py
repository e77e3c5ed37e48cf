"""What else `fogbank agent` does, one command each."""
