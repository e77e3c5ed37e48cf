"""The commands, one a file; each only reads its options, calls what does the work, and shows what came out."""
