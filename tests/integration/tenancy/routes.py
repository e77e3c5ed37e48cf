"""What the walk knows of routes. A new route usually needs nothing here, and at most one line.

`{name}` stands for a thing of the victim's, made in `things.py`.
"""

import base64
from typing import Any

PARAMETERS = {
    "account_id": "{org}",
    "actor_id": "{owner}",
    "delivery_id": "{delivery}",
    "entry_id": "1",
    "grant_id": "{grant}",
    "hold_id": "{hold}",
    "instance_id": "{instance}",
    "invitation_id": "{invitation}",
    "issuer_id": "walked",
    "key_id": "{key}",
    "link_id": "{link}",
    "node_id": "{node}",
    "notice_id": "{notice}",
    "operator_id": "{org}",
    "owner_id": "{machine}",
    "org_id": "{org}",
    "passkey_id": "{passkey}",
    "period_start": "2026-11-25T12:00:00Z",
    "placement_id": "{placement}",
    "project_id": "{project}",
    "replay_id": "1",
    "service_account_id": "{machine}",
    "session_id": "{session}",
    "subject": "organizations",
    "subject_id": "{org}",
    "threshold_id": "{threshold}",
    "transfer_id": "deposit:{org}",
    "type": "resource_usage",
    "user_id": "{owner}",
    "version": "1.0",
    "webhook_id": "{webhook}",
}
"""What stands in a path, a query or a body under a name."""

PLACES = {"/service-accounts/{account_id}": "/service-accounts/{machine}"}
"""Where a name in a path stands for something else than elsewhere."""

PUBLIC_KEY, PROOF = base64.b64encode(bytes(range(32))).decode(), base64.b64encode(bytes(64)).decode()
VALUES: dict[str, Any] = {
    "action": "walked.walked",
    "address": "walked@example.com",
    "amount": "1",
    "api_key": "fb_live_walked",
    "at": "2026-11-25T12:00:00Z",
    "audience": ["accounts"],
    "binding": "walked",
    "challenge": "walked",
    "client_id": "walked",
    "code": "123456",
    "confirmation": "walked",
    "current_password": "not the password",
    "email": "walked@example.com",
    "expires_at": "2099-01-01T00:00:00Z",
    "from": "2026-11-01T00:00:00Z",
    "id": "walked",
    "instance_name": "walked",
    "key": "walked",
    "labels": {"walked": "yes"},
    "limit": "1",
    "name": "walked",
    "method": "totp",
    "new_password": "a password that nobody has had",
    "organization_name": "walked",
    "password": "a password that nobody has had",
    "proof": PROOF,
    "public_key": PUBLIC_KEY,
    "reason": "a walk",
    "role": "viewer",
    "scopes": ["*"],
    "signature": PROOF,
    "state": "walked",
    "status": "active",
    "tier": "standard",
    "to": "2026-12-01T00:00:00Z",
    "token": "walked",
    "up_to": "0",
    "url": "https://example.com/",
}
"""What stands in a body under a name, where the schema alone does not say what is valid."""

THRESHOLD = {
    "resource_type": "cpu",
    "threshold_type": "percentage",
    "threshold_value": 90,
    "units": "%",
    "action": "notify",
    "org_id": "{org}",
    "notification_channels": ["portal"],
}
DEDUCTION = {"id": "walked", "amount": "1"}
LEGS = [{"account": "{org}", "amount": "-1"}, {"account": "revenue", "amount": "1"}]
READING = {
    "event_type": "resource_usage",
    "version": "1.0",
    "timestamp": "2026-11-25T12:00:30Z",
    "user_id": "{owner}",
    "org_id": "{org}",
    "instance_id": "{instance}",
    "metrics": dict.fromkeys(
        (
            "cpu_seconds",
            "cpu_percent_avg",
            "memory_gb",
            "memory_percent",
            "storage_gb",
            "network_egress_mb",
            "network_ingress_mb",
            "gpu_seconds",
        ),
        1,
    ),
    "period": {"start": "2026-11-25T12:00:00Z", "end": "2026-11-25T12:00:30Z"},
}

BODIES: dict[str, Any] = {
    "POST /accounts/{account_id}/deduct:batch": [DEDUCTION],
    "POST /auth/token": {"grant_type": "session", "session_token": "walked"},
    "POST /billing/credits": {"accounts": ["{org}"]},
    "POST /events": READING,
    "POST /instances": {"id": "walked-{instance}", "name": "walked", "user_id": "{owner}", "org_id": "{org}"},
    "POST /ledger/charges": [{**DEDUCTION, "account_id": "{org}"}],
    "POST /ledger/deductions:batch": [{**DEDUCTION, "account_id": "{org}"}],
    "POST /ledger/transfers": {"id": "walked", "legs": LEGS},
    "POST /nodes/{node_id}/keys": {"key_id": "0" * 16, "public_key": PUBLIC_KEY, "signature": PROOF, "proof": PROOF},
    "POST /thresholds": THRESHOLD,
    "PUT /thresholds/{threshold_id}": THRESHOLD,
    "POST /webhooks": {"url": "https://example.com/", "event_types": ["metrics"], "org_id": "{org}"},
    "PATCH /webhooks/{webhook_id}": {"description": "walked"},
}
"""Bodies that their schema does not tell well enough."""

OPEN = {
    "GET /auth/jwks.json",
    "GET /auth/oidc/issuers",
    "GET /prices",
    "GET /auth/sign-ups",
    "GET /health",
    "GET /health/status",
    "GET /schemas",
    "GET /schemas/asyncapi.json",
    "GET /schemas/{type}/{version}",
}
"""What anybody may read: it is nobody's."""

WITHOUT_CALLER = {
    "DELETE /auth/sessions/current",
    "POST /auth/email-changes:confirm",
    "POST /auth/email-changes:undo",
    "POST /auth/oidc/{issuer_id}:begin",
    "POST /auth/oidc:confirm",
    "POST /auth/oidc:finish",
    "POST /auth/passkeys:begin",
    "POST /auth/password-resets",
    "POST /auth/password-resets:finish",
    "POST /auth/sessions",
    "POST /auth/sessions:link",
    "POST /auth/sessions:passkey",
    "POST /auth/sessions:second-factor",
    "POST /auth/sign-ups",
    "POST /auth/sign-ups:confirm",
    "POST /auth/sign-ups:invited",
    "POST /auth/sign-ups:resend",
    "POST /auth/token",
    "POST /invitations:show",
    "POST /nodes/register",
    "POST /nodes/{node_id}/keys",
}
"""What is asked with proofs in the body, by callers who are nobody yet: what the walk shows proves nothing."""

ANSWERS: dict[str, set[int]] = {
    # A reading of somebody else's is no valid one.
    "POST /events": {401, 403, 422},
    # To who is nobody's node it makes no difference which node it says it is.
    "POST /nodes/{node_id}/keys": {401, 429},
    "POST /nodes/register": {401, 429},
}
"""What a route answers to strangers besides 401 and 404, the same whether the thing is there or not; and why."""
