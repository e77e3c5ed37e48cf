"""Views of sessions and tokens."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SessionView:
    """A session; its token goes into the portal's cookie and nowhere else."""

    session_token: str
    user_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class TokenView:
    """A bearer token (a JWT) and when it ends."""

    access_token: str
    expires_at: datetime
    token_type: str
