"""The pages under /organization: people, invitations, ownership, projects, and what ends."""
