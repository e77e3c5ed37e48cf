"""The agent of a node: it measures what runs there, keeps it until the queue has it, and sends it."""
