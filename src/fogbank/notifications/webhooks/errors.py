"""What webhooks refuse."""


class Refusal(Exception):
    """A wish that is not granted."""


class NoWebhook(Refusal):
    """It does not exist, or it is someone else's: both are the same to the caller."""

    def __init__(self, webhook_id: str) -> None:
        super().__init__(f"no webhook '{webhook_id}'")
        self.webhook_id = webhook_id


class NoDelivery(Refusal):
    """The webhook has no such delivery."""

    def __init__(self, delivery_id: str) -> None:
        super().__init__(f"no delivery '{delivery_id}'")
        self.delivery_id = delivery_id


class NoAccount(Refusal):
    """The account does not exist, or it is someone else's."""

    def __init__(self, account_id: str) -> None:
        super().__init__(f"no account '{account_id}'")
        self.account_id = account_id


class RoleTooSmall(Refusal):
    """The caller belongs to the organisation, but does not manage its webhooks."""


class NotAllowed(Refusal):
    """A field of the request cannot be as it is; `reason` says what it must be."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field} {reason}")
        self.field = field
        self.reason = reason


class TooManyWebhooks(Refusal):
    """The account has as many as it may have."""

    def __init__(self, webhooks_max: int) -> None:
        super().__init__(f"{webhooks_max} webhooks at most")
        self.webhooks_max = webhooks_max


class KeyReused(Refusal):
    """An Idempotency-Key names another webhook, or one whose secret is not shown any more."""

    def __init__(self, key: str) -> None:
        super().__init__(f"key '{key}' was used")
        self.key = key


class Disabled(Refusal):
    """Nothing is sent to a disabled webhook."""

    def __init__(self, webhook_id: str) -> None:
        super().__init__(f"webhook '{webhook_id}' is disabled")
        self.webhook_id = webhook_id


class OfThePast(Refusal):
    """What a delivery said of a moment is not sent again."""

    def __init__(self, delivery_id: str) -> None:
        super().__init__(f"delivery '{delivery_id}' was of a moment")
        self.delivery_id = delivery_id
