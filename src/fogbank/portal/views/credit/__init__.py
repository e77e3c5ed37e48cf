"""What the pages under /credit show."""
