"""Notifications: what happened, told to people: by e-mail, by signed webhooks, and in the portal."""
