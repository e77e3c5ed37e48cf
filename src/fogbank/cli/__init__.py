"""`fogbank …`: the only place that sees everything and wires it."""
