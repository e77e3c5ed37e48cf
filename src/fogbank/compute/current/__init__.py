"""The current usage: of each instance its latest reading, from the queue, in memory only."""
