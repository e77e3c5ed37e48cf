"""What crosses the wire: the usage event 1.0, batches of it, and signals."""
