"""Idempotency keys: a POST that is repeated under its key is done once, and answered as it was the first time.

As draft-ietf-httpapi-idempotency-key-header says. docs/idempotency.md says what it promises and which routes have it.
"""

from fogbank.runtime.http.idempotency.describing import describe_keys, routes_with_own_keys
from fogbank.runtime.http.idempotency.keeping import DAYS_KEPT, Keeping
from fogbank.runtime.http.idempotency.posts import IdempotentPosts

__all__ = ["DAYS_KEPT", "IdempotentPosts", "Keeping", "describe_keys", "routes_with_own_keys"]
