"""All SQL of identity: people, keys, sessions and instances. Functions take the connection first."""
