"""What the pages under /organization show."""
