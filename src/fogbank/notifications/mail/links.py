"""Where e-mails lead to: pages of the portal, under the URL that people reach us by."""

from dataclasses import dataclass

NOTICES_PATH = "/notifications"
PREFERENCES_PATH = "/notifications/preferences"


@dataclass(frozen=True, slots=True)
class Links:
    """The pages of one installation; `public_url` has no slash at its end."""

    public_url: str

    @property
    def notices(self) -> str:
        return self.public_url + NOTICES_PATH

    @property
    def preferences(self) -> str:
        return self.public_url + PREFERENCES_PATH
