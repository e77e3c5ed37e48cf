"""Load: synthetic fleets and recorded traces, through the real queue; the demo's customers."""
