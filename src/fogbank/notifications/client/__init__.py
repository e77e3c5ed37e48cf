"""What other components may know of notifications: notices and webhooks; with clients."""

from fogbank.notifications.client.messages import MessagesReadyView, MessageTakenView
from fogbank.notifications.client.notices import (
    NOTIFICATIONS_PATH,
    EmailView,
    NoticesView,
    NoticeView,
    NotificationsClient,
    PreferencesView,
    QuietHoursView,
    ReadView,
    SentEmailsView,
    SentEmailView,
    UnreadView,
)
from fogbank.notifications.client.webhooks import (
    WEBHOOKS_PATH,
    AttemptView,
    DeliveriesView,
    DeliveryView,
    WebhookCreatedView,
    WebhooksClient,
    WebhookSecretView,
    WebhooksView,
    WebhookView,
)

__all__ = [
    "NOTIFICATIONS_PATH",
    "WEBHOOKS_PATH",
    "AttemptView",
    "DeliveriesView",
    "DeliveryView",
    "EmailView",
    "MessageTakenView",
    "MessagesReadyView",
    "NoticeView",
    "NoticesView",
    "NotificationsClient",
    "PreferencesView",
    "QuietHoursView",
    "ReadView",
    "SentEmailView",
    "SentEmailsView",
    "UnreadView",
    "WebhookCreatedView",
    "WebhookSecretView",
    "WebhookView",
    "WebhooksClient",
    "WebhooksView",
]
