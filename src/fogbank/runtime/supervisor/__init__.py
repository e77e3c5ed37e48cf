"""One process that starts the others in order, keeps them running, and ends them in order."""
