"""What a node was told when it registered, kept beside its key, so that `fogbank agent` needs no settings."""

import os
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from fogbank.compute.client import RegistrationView
from fogbank.runtime.embedded.files import write_private
from fogbank.runtime.settings_sources import Given


class Registered(msgspec.Struct, frozen=True):
    """Where the node registered, and what it was told there."""

    url: str
    node_id: str
    queue_url: str
    interval_seconds: int


def is_out_of_reach(url: str, queue_url: str) -> bool:
    """Whether a node that found Fogbank at `url` on another machine was told of a queue on its own."""
    return not _is_own(url) and any(_is_own(each) for each in queue_url.split(",") if each)


def _is_own(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def registration_path(data: Path) -> Path:
    return data / "agent" / "registration.json"


def keep_registration(data: Path, url: str, told: RegistrationView) -> None:
    """Write it down, in place of what was there."""
    kept = Registered(url, told.node_id, told.queue_url, told.interval_seconds)
    registration_path(data).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(registration_path(data), msgspec.json.encode(kept).decode())


def registration_of(data: Path) -> Registered | None:
    """What the node was told; None where it never registered."""
    path = registration_path(data)
    if not path.exists():
        return None
    return msgspec.json.decode(path.read_bytes(), type=Registered)


def settings_by_registration(data: Path) -> dict[str, Given]:
    """The settings that follow from it. Whatever the operator sets goes before them."""
    kept = registration_of(data)
    if kept is None:
        return {}
    told = {
        "services.url": kept.url,
        "agent.node_id": kept.node_id,
        "queue.url": kept.queue_url,
        "agent.interval_seconds": str(kept.interval_seconds),
    }
    source = os.fspath(registration_path(data))
    return {name: Given(value, source) for name, value in told.items() if value}
