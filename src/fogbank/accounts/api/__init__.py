"""Routes of identity: parse, ask the service, render."""
