"""Reading: what accounts have, and had."""
