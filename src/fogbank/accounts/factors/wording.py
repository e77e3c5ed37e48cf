"""What people are told about their second factors, in a sentence each. Pure."""

APP = "an app for one-time codes"


def passkey(name: str) -> str:
    return f"the passkey “{name}”"


def added(what: str) -> str:
    return f"From now on you can sign in with {what}."


def removed(what: str) -> str:
    return f"You can no longer sign in with {what}."


def recovery_code_used(left: int) -> str:
    return f"One of your recovery codes was used; {left} of them are left."


def passkey_went_back(name: str) -> str:
    return f"Somebody showed {passkey(name)}, and it was refused: it counted backwards, as a copy of it would."


def taken_away(reason: str) -> str:
    return f"An administrator took away your second factors and ended your sessions. The reason given: {reason}"
