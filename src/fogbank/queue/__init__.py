"""The queue: what carries readings and signals between components, durably and at least once."""
