"""E-mail: what one looks like, when it goes, and what the mail server says to it."""
