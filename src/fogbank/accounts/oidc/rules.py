"""What signing in by issuers rests on. Pure."""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from fogbank.accounts.oidc.model import Identity, Issuer, Metadata

FLOW_LIFE = timedelta(minutes=10)
WELL_KNOWN = "/.well-known/openid-configuration"
REDIRECT_PATH = "/sign-in/oidc"
SUBJECT_CHARACTERS_MAX = 255
"""As many as a subject may have (OpenID Connect Core 1.0, 2)."""
EMAIL_CHARACTERS_MAX = 254
NAME_CHARACTERS_MAX = 200


class NotMetadata(ValueError):
    """A document that is no issuer's, or another one's; the message says why."""


class Verdict(StrEnum):
    """What becomes of somebody whose identity opens no account yet."""

    CONFIRM = "confirm"
    ADMIT = "admit"
    NOT_VERIFIED = "not_verified"
    NOT_ALLOWED = "not_allowed"
    NOT_ADMITTED = "not_admitted"


def metadata_of(document: Any, url: str) -> Metadata:
    """What the issuer at `url` says of itself; `NotMetadata` where that is not what we need of it.

    The issuer must be named exactly as we know it (Discovery 1.0, 4.3): else one could speak for another.
    """
    if not isinstance(document, Mapping):
        raise NotMetadata("is no JSON object")
    if document.get("issuer") != url:
        raise NotMetadata(f"names another issuer than {url}")
    needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    missing = [name for name in needed if not isinstance(document.get(name), str)]
    if missing:
        raise NotMetadata(f"does not name {', '.join(missing)}")
    if "code" not in _words(document, "response_types_supported", ("code",)):
        raise NotMetadata("does not give codes")
    userinfo = document.get("userinfo_endpoint")
    return Metadata(
        issuer=url,
        **{name: document[name] for name in needed},
        userinfo_endpoint=userinfo if isinstance(userinfo, str) else None,
        takes_basic="client_secret_basic"
        in _words(document, "token_endpoint_auth_methods_supported", ("client_secret_basic",)),
        says_iss=document.get("authorization_response_iss_parameter_supported") is True,
    )


def from_binding(binding: str, purpose: str) -> str:
    """A secret of a sign-in, made of the value that the browser keeps: so it is nobody's but that browser's."""
    made = hmac.digest(binding.encode(), f"fogbank oidc {purpose}".encode(), sha256)
    return urlsafe_b64encode(made).rstrip(b"=").decode()


def confirmed_by(token: str, binding: str) -> str:
    """What confirms an identity: a token, in the browser that came with the identity.

    Without the browser's part somebody could have the owner confirm an identity that is not theirs.
    """
    return f"{token}.{binding}"


def is_from(metadata: Metadata, said_iss: str | None) -> bool:
    """Whether an answer is this issuer's, as far as it says (RFC 9207, 2.4): who always says so must have said so."""
    return said_iss == metadata.issuer if said_iss is not None else not metadata.says_iss


def identity_of(claims: Mapping[str, Any]) -> Identity | None:
    """Who these claims are about; None where they do not say. What is no address or not printable is not there."""
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= SUBJECT_CHARACTERS_MAX or not subject.isprintable():
        return None
    email, name = claims.get("email"), claims.get("name")
    return Identity(
        subject=subject,
        email=email if isinstance(email, str) and is_address(email) else "",
        # A few issuers write it as text; "false" is not true then either.
        is_email_verified=claims.get("email_verified") is True or claims.get("email_verified") == "true",
        name=" ".join(name.split())[:NAME_CHARACTERS_MAX] if isinstance(name, str) and name.isprintable() else "",
    )


def is_address(text: str) -> bool:
    """Whether it is an e-mail address, by its form, in ASCII: no letters that only look like others'."""
    name, at, domain = text.rpartition("@")
    is_plain = text.isascii() and text.isprintable() and " " not in text and "@" not in name
    return bool(name and at and domain) and is_plain and len(text) <= EMAIL_CHARACTERS_MAX


def verdict_on(issuer: Issuer, identity: Identity, *, has_account: bool, is_invited: bool) -> Verdict:
    """What becomes of somebody who comes for the first time. Only a verified address is looked at at all."""
    if not identity.email or not identity.is_email_verified:
        return Verdict.NOT_VERIFIED
    domain = identity.email.rpartition("@")[2].lower()
    if issuer.domains and domain not in issuer.domains:
        return Verdict.NOT_ALLOWED
    if has_account:
        return Verdict.CONFIRM
    return Verdict.ADMIT if issuer.admits_unknown or is_invited else Verdict.NOT_ADMITTED


def _words(document: Mapping[str, Any], name: str, default: tuple[str, ...]) -> tuple[str, ...]:
    found = document.get(name)
    return tuple(word for word in found if isinstance(word, str)) if isinstance(found, list) else default
