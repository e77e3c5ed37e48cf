"""The settings: every one that exists, its default, its check and one line that says what it is for.

A setting `group.name` comes from, in this order, an option of the command, the environment (`FOGBANK_GROUP_NAME`), a
TOML file (`name` in `[group]`), the system that runs in the data directory, or its default. `settings_sources` reads
them.
"""

from dataclasses import dataclass
from pathlib import Path

from fogbank.runtime.settings_checks import (
    a_currency,
    a_host,
    a_mailbox,
    an_address,
    an_amount,
    an_id,
    existing_file,
    one_of,
    setting,
    some_networks,
    some_text,
    url_of,
    whole_number,
)


@dataclass(frozen=True, slots=True)
class LogSettings:
    level: str = setting("info", "how much is logged", one_of("debug", "info", "warning", "error"))
    format: str = setting(
        "console", "whether log lines are for people or, as JSON, for programs", one_of("console", "json")
    )


@dataclass(frozen=True, slots=True)
class HttpSettings:
    host: str = setting(
        "localhost", "where to listen: localhost for this machine only, 0.0.0.0 for all addresses, or one"
    )
    port: int = setting(8080, "the port to listen on", whole_number(1, 65_535))
    public_url: str = setting(
        "", "the URL people reach us by; by default made of host and port", url_of("http", "https")
    )
    trusted_proxies: tuple[str, ...] = setting(
        ("127.0.0.0/8", "::1/128"),
        "networks of reverse proxies that are believed when they say who asks",
        some_networks,
    )
    proxies_write: str = setting(
        "x-forwarded-for",
        "the header by which they say so; the other one is never read, since they pass on what clients write there",
        one_of("x-forwarded-for", "forwarded"),
    )
    request_seconds_max: int = setting(
        60, "how long a request may take until its answer begins; then it is cut", whole_number(1, 3600)
    )


@dataclass(frozen=True, slots=True)
class RatesSettings:
    sign_in_per_minute: int = setting(
        60, "requests of one address to sign in, sign up or reset a password", whole_number(1, 1_000_000)
    )
    address_per_minute: int = setting(
        600, "any other requests of one address without credentials", whole_number(1, 1_000_000)
    )
    key_per_minute: int = setting(3_000, "requests with one API key", whole_number(1, 1_000_000))
    caller_per_minute: int = setting(
        6_000, "requests of one person or service account, with all keys and sessions", whole_number(1, 1_000_000)
    )
    sending_per_minute: int = setting(
        30, "tests and replays of webhooks that one caller may ask for", whole_number(1, 1_000_000)
    )


@dataclass(frozen=True, slots=True)
class PostgresSettings:
    url: str = setting("", "a PostgreSQL of yours; by default `up` runs one", url_of("postgresql"), is_secret=True)


@dataclass(frozen=True, slots=True)
class QueueSettings:
    url: str = setting(
        "", "a NATS JetStream of yours, or several of one cluster's; by default `up` runs one", url_of("nats", "tls")
    )
    user: str = setting("", "the user to sign in to the queue with")
    password: str = setting("", "that user's password", is_secret=True)
    usage_days: int = setting(7, "how long readings stay on the queue, to be read again", whole_number(1, 7))
    usage_gib: int = setting(4, "how much they may take; a full queue refuses new ones", whole_number(1, 1_000_000))
    open_to: str = setting(
        "machine",
        "who reaches the queue that `up` runs: this machine, or nodes of the network",
        one_of("machine", "network"),
    )
    port: int = setting(0, "the port of the queue that `up` runs; 0 for any that is free", whole_number(0, 65_535))
    replicas: int = setting(
        1, "how many servers of a NATS cluster keep each message: 1, or 3 of three", whole_number(1, 5)
    )


@dataclass(frozen=True, slots=True)
class ServicesSettings:
    url: str = setting(
        "", "where accounts, compute and billing answer, for processes without them", url_of("http", "https")
    )


@dataclass(frozen=True, slots=True)
class UsageSettings:
    clickhouse: str = setting(
        "", "a ClickHouse of yours; by default one runs inside", url_of("clickhouse", "http", "https"), is_secret=True
    )
    cluster: str = setting("", "the cluster that ClickHouse is one of, as its configuration names it", an_id)
    workers: int = setting(1, "how many processes bring readings into that ClickHouse", whole_number(1, 64))
    worker: int = setting(0, "which of them this one is, from 0; the first rolls up and answers", whole_number(0, 63))
    url: str = setting("", "where the usage history answers, for processes without it", url_of("http", "https"))


@dataclass(frozen=True, slots=True)
class DoorSettings:
    open_to: str = setting(
        "everyone", "who may send readings to POST /api/v1/events", one_of("everyone", "administrators")
    )
    body_bytes_max: int = setting(
        8_388_608, "bytes of one body of POST /api/v1/events, as sent", whole_number(1024, 67_108_864)
    )
    unpacked_bytes_max: int = setting(16_777_216, "bytes of it, unpacked", whole_number(1024, 67_108_864))
    events_max: int = setting(10_000, "events in it", whole_number(1, 65_536))
    requests_per_second: int = setting(
        20, "how often one caller may send; ten seconds' worth at once", whole_number(1, 1_000_000)
    )
    events_per_second: int = setting(
        10_000, "how many events one caller may send; likewise", whole_number(1, 100_000_000)
    )
    bytes_per_second: int = setting(
        4_194_304, "how many bytes one caller may send; likewise", whole_number(1024, 1_000_000_000_000)
    )


@dataclass(frozen=True, slots=True)
class AgentSettings:
    interval_seconds: int = setting(30, "how long one reading lasts", whole_number(1, 3600))
    cgroups: tuple[str, ...] = setting((), "cgroups to measure too, such as /machines/*, or /machines/vm-1=INSTANCE")
    containers: tuple[str, ...] = setting(
        (), "runtimes whose containers to measure: docker, podman, containerd, runc, or docker=/data/docker"
    )
    volumes: tuple[str, ...] = setting(
        ("/var/lib/docker/volumes", "/var/lib/containers/storage/volumes"),
        "directories below which a volume is stored on the bill of the container that binds it",
    )
    qemu: tuple[str, ...] = setting(
        (), "QEMU guests to measure, by QMP sockets of the agent's own, such as /run/fogbank/qemu/*.qmp"
    )
    libvirt: str = setting("", "the libvirt whose domains to measure, such as qemu:///system")
    gpus: tuple[str, ...] = setting(
        (), "NVIDIA GPUs to measure: found, for all that instances hold, or assigned, such as vm-1=GPU-UUID"
    )
    node_id: str = setting("", "this machine's name on the queue; by default made of its host name", an_id)
    instance_id: str = setting("", "this machine as an instance; by default made of its host name", an_id)
    user_id: str = setting("", "the user whose instances these are; `up` takes the administrator", an_id)
    org_id: str = setting("", "the organisation that pays for them; `up` takes its first", an_id)
    labels: str = setting(
        "trusted", "whether an instance's own labels may say whose it is", one_of("trusted", "ignored")
    )
    spool_mib: int = setting(
        256,
        "how much may wait for the queue on this disk, packed; beyond it, readings become longer",
        whole_number(16, 65_536),
    )
    batches_per_second: int = setting(2, "how fast what waited is sent, once the queue is back", whole_number(1, 1000))
    hook: Path | None = setting(None, "a program of yours that is told to throttle or suspend", existing_file)  # noqa: RUF009


@dataclass(frozen=True, slots=True)
class NodesSettings:
    admission: str = setting(
        "open", "whether nodes that were never registered are heard: open, or registered", one_of("open", "registered")
    )
    queue_url: str = setting(
        "", "the queue's URL as registered nodes are told it; by default queue.url", url_of("nats", "tls")
    )


@dataclass(frozen=True, slots=True)
class SetupSettings:
    email: str = setting("admin@localhost", "the administrator that the first start makes", an_address)
    organization: str = setting("Home", "the organisation that the first start makes", some_text)
    opening_credit: str = setting("25.00", "the credit that this organisation begins with; 0 for none", an_amount)


@dataclass(frozen=True, slots=True)
class AccountsSettings:
    sign_up: str = setting(
        "invited",
        "who makes an account: whoever is invited, or, open, anybody with an address",
        one_of("invited", "open"),
    )
    session_days: int = setting(14, "how long somebody stays signed in", whole_number(1, 90))
    session_lifetime: str = setting(
        "absolute",
        "counted from when: absolute from signing in, sliding from the last use",
        one_of("absolute", "sliding"),
    )
    signing_key_days: int = setting(
        30, "how old the key that signs tokens becomes, before a new one follows", whole_number(1, 365)
    )
    breach_list_url: str = setting(
        "https://api.pwnedpasswords.com/range",
        "who is asked, by five digits of its hash, whether a new password was stolen; empty for nobody",
        url_of("http", "https"),
    )


@dataclass(frozen=True, slots=True)
class OidcSettings:
    allow_private: tuple[str, ...] = setting(
        (), "networks that are not public and may have issuers all the same, such as 10.1.0.0/16", some_networks
    )
    plain_http: str = setting(
        "refused",
        "whether an issuer may have an http:// URL, over which anybody can be anybody",
        one_of("refused", "allowed"),
    )


@dataclass(frozen=True, slots=True)
class BillingSettings:
    interval_seconds: int = setting(30, "how often accounts are charged", whole_number(1, 3600))
    currency: str = setting("EUR", "the currency of a credit", a_currency)
    price_book: Path | None = setting(None, "a price book of yours; by default a small one", existing_file)  # noqa: RUF009


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    host: str = setting("", "the mail server that e-mails go through; without one none are sent", a_host)
    port: int = setting(587, "its port", whole_number(1, 65_535))
    tls: str = setting("starttls", "how the connection is encrypted", one_of("none", "starttls", "tls"))
    user: str = setting("", "the user to sign in to it with; empty for not signing in")
    password: str = setting("", "that user's password", is_secret=True)
    sender: str = setting("Fogbank <fogbank@localhost>", "who e-mails come from", a_mailbox)


@dataclass(frozen=True, slots=True)
class NotificationsSettings:
    emails_per_hour: int = setting(
        6, "how many e-mails one person gets in an hour; more come as one digest", whole_number(2, 1000)
    )
    days: int = setting(90, "how long notices, and what became of their e-mails, are kept", whole_number(2, 3650))


@dataclass(frozen=True, slots=True)
class WebhooksSettings:
    allow_private: tuple[str, ...] = setting(
        (), "networks that are not public and may have webhooks all the same, such as 10.1.0.0/16", some_networks
    )
    plain_http: str = setting(
        "refused",
        "whether a webhook may have an http:// URL, over which anybody reads along",
        one_of("refused", "allowed"),
    )
    per_account_max: int = setting(20, "how many webhooks an account may have", whole_number(1, 1000))


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one process."""

    data: Path
    log: LogSettings = LogSettings()
    http: HttpSettings = HttpSettings()
    rates: RatesSettings = RatesSettings()
    postgres: PostgresSettings = PostgresSettings()
    queue: QueueSettings = QueueSettings()
    services: ServicesSettings = ServicesSettings()
    usage: UsageSettings = UsageSettings()
    door: DoorSettings = DoorSettings()
    agent: AgentSettings = AgentSettings()
    nodes: NodesSettings = NodesSettings()
    accounts: AccountsSettings = AccountsSettings()
    oidc: OidcSettings = OidcSettings()
    billing: BillingSettings = BillingSettings()
    setup: SetupSettings = SetupSettings()
    smtp: SmtpSettings = SmtpSettings()
    notifications: NotificationsSettings = NotificationsSettings()
    webhooks: WebhooksSettings = WebhooksSettings()

    @property
    def public_url(self) -> str:
        """The URL people reach us by, without a slash at the end."""
        if self.http.public_url:
            return self.http.public_url.rstrip("/")
        host = "127.0.0.1" if self.http.host in ("0.0.0.0", "::", "") else self.http.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.http.port}"


DATA_PURPOSE = "where everything is kept"
