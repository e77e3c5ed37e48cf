"""Retention: how long each class of data is kept for whom, and what goes when, without taking what is still needed."""
