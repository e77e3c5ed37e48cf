"""Mending's routes, for administrators."""
