"""The wiring: which component gets what. Each module here opens one of them, and is only imported where it runs."""
