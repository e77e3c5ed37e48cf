"""Puts the pages under /settings together: what a person keeps about themselves."""
