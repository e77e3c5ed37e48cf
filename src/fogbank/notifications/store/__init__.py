"""All SQL of notices, inboxes, preferences and e-mails."""
