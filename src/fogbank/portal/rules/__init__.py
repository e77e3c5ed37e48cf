"""What the portal decides: which span a chart shows, what changed and why, what a balance needs saying. Pure."""
