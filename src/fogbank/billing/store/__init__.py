"""All of billing's SQL, by what it keeps: price books, lines and charges, credit states and signals."""
