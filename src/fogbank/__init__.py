"""Fogbank: the economic infrastructure of a compute network."""
