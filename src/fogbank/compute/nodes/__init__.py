"""Nodes: who they are, by which keys, what is on them since when, and what they are told."""
