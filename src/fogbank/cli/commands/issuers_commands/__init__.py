"""The commands of `fogbank issuers`."""
