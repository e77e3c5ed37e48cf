"""The routes under /organization."""
