"""Routes of nodes and placements."""
