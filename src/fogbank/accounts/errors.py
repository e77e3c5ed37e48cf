"""What accounts refuses, as facts. `api.py` turns each into a problem."""

from datetime import timedelta


class WrongCredentials(Exception):
    """No such user, another password, a suspended user, a link that was used: the caller is not told which."""


class TooManyAttempts(Exception):
    """This address failed too often to sign in as this user; `retry_after` says when it may try again."""

    def __init__(self, retry_after: timedelta) -> None:
        super().__init__(f"too many failed attempts; again in {retry_after.total_seconds():.0f} s")
        self.retry_after = retry_after


class NotVisible(Exception):
    """It does not exist, or it is someone else's: both are the same to the caller."""

    def __init__(self, what: str, identifier: str) -> None:
        super().__init__(f"no {what} '{identifier}'")
        self.what = what
        self.identifier = identifier


class NotPermitted(Exception):
    """The caller sees it, but their role does not allow this."""

    def __init__(self, permission: str) -> None:
        super().__init__(f"their role does not allow '{permission}'")
        self.permission = permission


class EmailTaken(Exception):
    """Another user has this e-mail address."""


class InstanceTaken(Exception):
    """An instance of this id exists with another owner."""

    def __init__(self, instance_id: str) -> None:
        super().__init__(f"instance '{instance_id}' has another owner")
        self.instance_id = instance_id


class LastOwner(Exception):
    """An organisation must keep one owner."""


class ScopeBeyondCaller(Exception):
    """A key was asked for more than its maker may do."""

    def __init__(self, scopes: frozenset[str]) -> None:
        super().__init__(f"their key does not have {', '.join(sorted(scopes))}")
        self.scopes = scopes
