"""Messages of accounts to one address: confirm it, choose a password, come in. Sealed until sent, then emptied."""
