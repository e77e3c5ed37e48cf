"""Second factors: one-time codes, recovery codes and passkeys; and what takes a recent proof of who one is."""
