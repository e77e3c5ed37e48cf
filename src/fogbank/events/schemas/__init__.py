"""The schema registry: every type and version of event that crosses the wire, as JSON Schema 2020-12."""
