"""Who is who, who belongs to what, and who may do it: people, organisations, keys, instances, and the ledger."""
