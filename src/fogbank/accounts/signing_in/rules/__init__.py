"""What may be a password, how guessing is slowed down, and how long sessions last. Pure."""
