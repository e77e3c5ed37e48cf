"""Notices, preferences and e-mails as the routes answer them."""

from fogbank.notifications.client import EmailView, NoticeView, PreferencesView, QuietHoursView, SentEmailView
from fogbank.notifications.model import DeliveryState, EventClass, Preferences
from fogbank.notifications.store.emails import Sent
from fogbank.notifications.store.inbox import Item

DETAILS = {
    DeliveryState.QUEUED: "It is about to be sent.",
    DeliveryState.HELD: "It is held back for now, and comes with others in one e-mail.",
    DeliveryState.SENT: "The mail server took it.",
    DeliveryState.UNSENT: "No mail server is set up here, so no e-mail was sent.",
}
"""What is said of an e-mail. What the mail server said is told only where it is about the person's own address."""


def notice_view(item: Item) -> NoticeView:
    return NoticeView(
        id=item.id,
        cursor=str(item.number),
        event_type=item.event_type,
        title=item.title,
        text=item.text,
        account_id=item.account_id,
        instance_id=item.instance_id,
        data=item.data,
        occurred_at=item.occurred_at,
        is_urgent=item.is_urgent,
        read_at=item.read_at,
        email=_email_view(item),
    )


def _email_view(item: Item) -> EmailView | None:
    if item.email_state is None or item.email_at is None:
        return None
    state = DeliveryState(item.email_state)
    return EmailView(state, DETAILS.get(state) or item.email_detail or "", item.email_at)


def preferences_view(preferences: Preferences) -> PreferencesView:
    hours = preferences.quiet_hours
    return PreferencesView(
        {name.value: sorted(preferences.channels_of(name)) for name in EventClass},
        None if hours is None else QuietHoursView(f"{hours.from_time:%H:%M}", f"{hours.to_time:%H:%M}", hours.timezone),
    )


def sent_view(sent: Sent) -> SentEmailView:
    return SentEmailView(
        id=sent.id,
        person_id=sent.person_id,
        address=sent.address,
        state=sent.state,
        notices=sent.notices,
        created_at=sent.created_at,
        due_at=sent.due_at,
        ended_at=sent.ended_at,
        attempts=sent.attempts,
        detail=sent.detail,
    )
