"""People: users, and what may be known and changed of them."""
