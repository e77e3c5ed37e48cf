"""What webhooks refuse, as problems: the one place where a fact becomes a status."""

from fogbank.accounts.client import Permission, roles_that
from fogbank.notifications.webhooks import errors
from fogbank.runtime.http.refusals import Rendered, refusals_as_problems
from fogbank.runtime.problems import Problem, not_found


def _no_webhook(refusal: errors.NoWebhook) -> Problem:
    return not_found("webhook", refusal.webhook_id)


def _no_delivery(refusal: errors.NoDelivery) -> Problem:
    return not_found("delivery", refusal.delivery_id)


def _no_account(refusal: errors.NoAccount) -> Problem:
    return not_found("account", refusal.account_id)


def _role_too_small(_refusal: errors.RoleTooSmall) -> Problem:
    roles = roles_that(Permission.MANAGE_WEBHOOKS)
    detail = f"Your role does not allow this; webhooks of an organisation are managed by its {' and '.join(roles)}s."
    return Problem(403, "not-permitted", detail, extra={"roles": roles})


def _not_allowed(refusal: errors.NotAllowed) -> Problem:
    faults = [{"field": refusal.field, "reason": refusal.reason}]
    return Problem(422, "invalid-request", f"The request is not valid: {refusal}.", extra={"errors": faults})


def _too_many(refusal: errors.TooManyWebhooks) -> Problem:
    most = refusal.webhooks_max
    detail = f"This account has {most} webhooks, which is as many as it may have; delete one first."
    return Problem(409, "too-many-webhooks", detail, extra={"webhooks_max": most})


def _key_reused(refusal: errors.KeyReused) -> Problem:
    detail = f"The Idempotency-Key '{refusal.key}' was used for another webhook, or long ago; give each one its own."
    return Problem(409, "key-reused", detail)


def _disabled(_refusal: errors.Disabled) -> Problem:
    return Problem(409, "webhook-disabled", "Nothing is sent to a webhook that is disabled; enable it first.")


def _of_the_past(_refusal: errors.OfThePast) -> Problem:
    detail = "Metrics are not sent again: they were of a moment that has passed. The usage history has them."
    return Problem(409, "metrics-not-replayed", detail)


PROBLEMS: dict[type[errors.Refusal], Rendered] = {
    errors.NoWebhook: _no_webhook,
    errors.NoDelivery: _no_delivery,
    errors.NoAccount: _no_account,
    errors.RoleTooSmall: _role_too_small,
    errors.NotAllowed: _not_allowed,
    errors.TooManyWebhooks: _too_many,
    errors.KeyReused: _key_reused,
    errors.Disabled: _disabled,
    errors.OfThePast: _of_the_past,
}

REFUSALS = refusals_as_problems(PROBLEMS)
"""For a router's `dependencies=`."""
