"""History: what people ask about what was used, and what they are answered."""
