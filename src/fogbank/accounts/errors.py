"""What accounts refuses, as facts. `api.py` turns each into a problem."""

from datetime import timedelta


class Refusal(Exception):
    """Anything that accounts refuse."""


class WrongCredentials(Refusal):
    """No such user, another password, a suspended user, a link that was used: the caller is not told which."""


class TooManyAttempts(Refusal):
    """The address failed too often to sign in as this user; `retry_after` says when it may try again."""

    def __init__(self, retry_after: timedelta) -> None:
        super().__init__(f"too many failed attempts; again in {retry_after.total_seconds():.0f} s")
        self.retry_after = retry_after


class TooBusy(Refusal):
    """More passwords are to be checked than can be soon."""


class NotVisible(Refusal):
    """It does not exist, or it is someone else's: both are the same to the caller."""

    def __init__(self, what: str, identifier: str) -> None:
        super().__init__(f"no {what} '{identifier}'")
        self.what = what
        self.identifier = identifier


class NotPermitted(Refusal):
    """The caller sees it, but their role does not allow this."""

    def __init__(self, permission: str) -> None:
        super().__init__(f"their role does not allow '{permission}'")
        self.permission = permission


class EmailTaken(Refusal):
    """Another user has this e-mail address."""


class InstanceTaken(Refusal):
    """An instance of this id exists with another owner."""

    def __init__(self, instance_id: str) -> None:
        super().__init__(f"instance '{instance_id}' has another owner")
        self.instance_id = instance_id


class LastOwner(Refusal):
    """An organisation must keep one owner."""


class ScopeBeyondCaller(Refusal):
    """A key was asked for more than its maker may do."""

    def __init__(self, scopes: frozenset[str]) -> None:
        super().__init__(f"their key does not have {', '.join(sorted(scopes))}")
        self.scopes = scopes


class UnknownAudience(Refusal):
    """A token was asked for services that do not exist."""

    def __init__(self, names: frozenset[str]) -> None:
        super().__init__(f"there is no service {', '.join(sorted(names))}")
        self.names = names


class RecentProofNeeded(Refusal):
    """It takes a proof of who holds the session, by one of `methods`, in the last ten minutes; a key has no session."""

    def __init__(self, methods: frozenset[str]) -> None:
        super().__init__(f"a recent proof is needed, by {', '.join(sorted(methods)) or 'signing in'}")
        self.methods = methods
