"""What `fogbank nodes` does."""
