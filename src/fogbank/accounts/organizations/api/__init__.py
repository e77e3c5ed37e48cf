"""Routes of organisations."""
