"""All of usage's SQL, and nothing but: the same text for the embedded engine and for a ClickHouse server."""
