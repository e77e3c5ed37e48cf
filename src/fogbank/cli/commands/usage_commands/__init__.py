"""The commands of `fogbank usage`, and how they reach the running system."""
