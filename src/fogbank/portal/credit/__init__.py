"""The pages under /credit: what an account has, how it came to that, and each transfer."""
