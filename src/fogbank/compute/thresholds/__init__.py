"""Thresholds: limits on what is used, spent and left, checked against what holds now; each crossing is told once."""
