"""The streams themselves: made once, kept as configured."""

from dataclasses import replace

from nats.js import JetStreamContext, api
from nats.js.errors import APIError, NotFoundError

from fogbank.queue.errors import StreamDoesNotFit
from fogbank.queue.subjects import (
    DUPLICATE_WINDOW_SECONDS,
    MIB,
    NODES_STREAM,
    NODES_SUBJECTS,
    QUARANTINE_STREAM,
    QUARANTINE_SUBJECTS,
    SECONDS_PER_DAY,
    SIGNALS_STREAM,
    SIGNALS_SUBJECTS,
    USAGE_MESSAGE_BYTES_MAX,
    USAGE_PARTITIONED,
    USAGE_STREAM,
    USAGE_SUBJECTS,
    StreamLimits,
)

INSUFFICIENT_STORAGE = 10047
"""JetStream's code for a limit that reserves more than there is."""


def stream_configs(limits: StreamLimits) -> list[api.StreamConfig]:
    """The four streams. Readings are never dropped for space: a full `USAGE` refuses, and agents keep their spool.

    Signals and the quarantine forget their oldest instead, so that a flood of either cannot stop the readings. Of the
    nodes' configurations the last one of each is kept, until the next.
    """
    usage = _config(USAGE_STREAM, USAGE_SUBJECTS, limits.usage_days, limits.usage_bytes_max, api.DiscardPolicy.NEW)
    usage.max_msg_size = USAGE_MESSAGE_BYTES_MAX
    usage.subject_transform = api.SubjectTransform(src=USAGE_SUBJECTS, dest=USAGE_PARTITIONED)
    configs = [
        usage,
        _config(SIGNALS_STREAM, SIGNALS_SUBJECTS, limits.signals_days, limits.signals_bytes_max, api.DiscardPolicy.OLD),
        _config(
            QUARANTINE_STREAM,
            QUARANTINE_SUBJECTS,
            limits.quarantine_days,
            limits.quarantine_bytes_max,
            api.DiscardPolicy.OLD,
        ),
        _of_configurations(limits),
    ]
    return [replace(config, num_replicas=limits.replicas) for config in configs]


async def ensure_stream(jetstream: JetStreamContext, config: api.StreamConfig) -> None:
    """Make the stream, or bring an existing one to `config`; but never to fewer copies, which is done by hand."""
    try:
        try:
            existing = (await jetstream.stream_info(str(config.name))).config
        except NotFoundError:
            await jetstream.add_stream(config)
        else:
            copies = max(existing.num_replicas or 1, config.num_replicas or 1)
            await jetstream.update_stream(replace(config, num_replicas=copies))
    except APIError as error:
        if error.err_code != INSUFFICIENT_STORAGE:
            raise
        needed = f"the {(config.max_bytes or 0) // MIB} MiB of stream {config.name}"
        raise StreamDoesNotFit(f"the queue's disk has no room for {needed}; free some, or lower its limit") from error


def _of_configurations(limits: StreamLimits) -> api.StreamConfig:
    config = _config(NODES_STREAM, NODES_SUBJECTS, 0, limits.nodes_bytes_max, api.DiscardPolicy.NEW)
    config.max_msgs_per_subject = 1
    return config


def _config(name: str, subjects: str, days: int, bytes_max: int, discard: api.DiscardPolicy) -> api.StreamConfig:
    return api.StreamConfig(
        name=name,
        subjects=[subjects],
        storage=api.StorageType.FILE,
        retention=api.RetentionPolicy.LIMITS,
        discard=discard,
        max_age=days * SECONDS_PER_DAY,
        max_bytes=bytes_max,
        duplicate_window=DUPLICATE_WINDOW_SECONDS,
        allow_direct=True,
    )
