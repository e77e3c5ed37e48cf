"""What the pages under /settings show."""
