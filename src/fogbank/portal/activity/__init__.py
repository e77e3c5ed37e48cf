"""The pages of the activity log: who did what, when, from where."""
