"""Routes of webhooks: parse, ask the service, render."""
