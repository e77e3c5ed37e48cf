"""The door for others: readings that come over HTTP, checked, answered one by one, and on disk before 202 is said."""
