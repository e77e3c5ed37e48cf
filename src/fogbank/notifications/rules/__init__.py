"""What a signal means for people, and when they may be told: pure rules."""
