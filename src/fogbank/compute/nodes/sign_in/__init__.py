"""How nodes sign in to the queue: by their registered keys, answered here."""
