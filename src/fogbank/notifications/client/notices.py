"""What other components may know of notices: the views that their routes answer, and a typed client for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from fogbank.notifications.client.messages import MessagesReadyView, MessageTakenView
from fogbank.runtime.client import ServiceHttp

NOTIFICATIONS_PATH = "/api/v1/notifications"
MESSAGES_PATH = f"{NOTIFICATIONS_PATH}/messages"


@dataclass(frozen=True, slots=True)
class EmailView:
    """What became of a notice's e-mail, and since or until when.

    `state` is queued, held (until `at`), sent, failed, or unsent where there is no mail server; `detail` says it in a
    sentence.
    """

    state: str
    detail: str
    at: datetime


@dataclass(frozen=True, slots=True)
class NoticeView:
    """A notice as the person who asks has it. `email` is null where none was wanted.

    `cursor` is where it stands among the person's notices: `after` of those that are older.
    """

    id: str
    cursor: str
    event_type: str
    title: str
    text: str
    account_id: str
    instance_id: str | None
    data: dict[str, str]
    occurred_at: datetime
    is_urgent: bool
    read_at: datetime | None
    email: EmailView | None


@dataclass(frozen=True, slots=True)
class NoticesView:
    """A page of notices, newest first; `next_cursor` is the `after` of the next page, or null at the end."""

    notices: list[NoticeView]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class UnreadView:
    """How many notices are not read; `is_more` where they were not counted to the end."""

    count: int
    is_more: bool


@dataclass(frozen=True, slots=True)
class ReadView:
    """How many notices became read."""

    read: int


@dataclass(frozen=True, slots=True)
class QuietHoursView:
    """When no e-mails are wanted: times of the day as `22:00`, in an IANA time zone; to before from is next day."""

    from_time: str
    to_time: str
    timezone: str


@dataclass(frozen=True, slots=True)
class PreferencesView:
    """How somebody wants to be told: of each class (balance, thresholds) by email, portal, both or neither."""

    channels: dict[str, list[str]]
    quiet_hours: QuietHoursView | None


@dataclass(frozen=True, slots=True)
class SentEmailView:
    """An e-mail on its way or at its end, as administrators see it. `detail` is what the mail server said last."""

    id: str
    person_id: str
    address: str
    state: str
    notices: list[str]
    created_at: datetime
    due_at: datetime
    ended_at: datetime | None
    attempts: int
    detail: str


@dataclass(frozen=True, slots=True)
class SentEmailsView:
    """E-mails, newest first, at most so many as were asked for."""

    emails: list[SentEmailView]


@dataclass(frozen=True, slots=True)
class NotificationsClient:
    """Speaks to notifications; each call acts as the person whose token `http` shows."""

    http: ServiceHttp

    def as_caller(self, token: str) -> "NotificationsClient":
        """The same, with a person's own token."""
        return NotificationsClient(self.http.as_caller(token))

    async def notices(self, *, unread: bool = False, after: str | None = None, limit: int | None = None) -> NoticesView:
        """A page of one's notices, newest first."""
        params = {"unread": "true" if unread else None, "before": after, "limit": limit}
        return await self.http.get(NOTIFICATIONS_PATH, params=params, as_=NoticesView)

    async def unread(self) -> UnreadView:
        return await self.http.get(f"{NOTIFICATIONS_PATH}/unread", as_=UnreadView)

    async def read(self, notice_id: str) -> ReadView:
        """Note that one was read; again is the same. `Problem` 404 where there is none of one's own."""
        return await self.http.post(f"{NOTIFICATIONS_PATH}/{quote(notice_id, safe='')}/read", {}, as_=ReadView)

    async def read_up_to(self, cursor: str) -> ReadView:
        """Note that all up to that place were read."""
        return await self.http.post(f"{NOTIFICATIONS_PATH}/read", {"up_to": cursor}, as_=ReadView)

    async def preferences(self) -> PreferencesView:
        return await self.http.get(f"{NOTIFICATIONS_PATH}/preferences", as_=PreferencesView)

    async def put_preferences(self, preferences: PreferencesView) -> PreferencesView:
        """Set them whole; `Problem` 422 where they cannot be as they are."""
        return await self.http.put(f"{NOTIFICATIONS_PATH}/preferences", preferences, as_=PreferencesView)

    async def emails(self, *, state: str | None = None, limit: int | None = None) -> SentEmailsView:
        """The newest e-mails to anybody. For administrators and services."""
        return await self.http.get(
            f"{NOTIFICATIONS_PATH}/emails", params={"state": state, "limit": limit}, as_=SentEmailsView
        )

    async def messages_ready(self) -> bool:
        """Whether there is a mail server for messages. For services only."""
        return (await self.http.get(f"{MESSAGES_PATH}/ready", as_=MessagesReadyView)).is_ready

    async def send_message(self, id_: str, address: str, kind: str, data: Mapping[str, str]) -> None:
        """Send an e-mail of accounts; the same id again is the same message. For services only.

        `Problem` 409 where there is no mail server, or under that id another message was taken.
        """
        body = {"id": id_, "address": address, "kind": kind, "data": dict(data)}
        await self.http.post(MESSAGES_PATH, body, as_=MessageTakenView)
