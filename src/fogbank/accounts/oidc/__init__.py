"""Sign-in by other issuers (OpenID Connect): an organisation's own directory, or any other that an operator trusts.

An identity is an issuer and a subject, never an address. Addresses are given away again, are typed by whoever signs up
at an issuer that does not look, and are claimed by issuers that lie: who took an address for a person would hand over
the account to whoever gets hold of it. So an issuer's word opens an account that exists only after its owner, signed in
as they always are, has said once that this is them.
"""
