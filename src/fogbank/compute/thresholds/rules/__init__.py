"""What thresholds decide: units, values, crossings, who may set one. Pure; the agent decides by the same."""
