"""All SQL of thresholds: what is configured, where each stands, and what is to be told of it."""
