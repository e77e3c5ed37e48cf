"""Admission: what every process that reads the queue judges nodes by, each with a book of its own."""

from fogbank.cli.wiring.process import Process
from fogbank.compute.client import MODES, Admission, NodeChanges
from fogbank.events.signing import public_key_of
from fogbank.runtime.secret_files import batch_signing_seed

DIRECTORY = "node-book"


def admission_of(process: Process, reader: str, nodes: NodeChanges) -> Admission:
    """Admission for that reader of the queue, which is told of nodes by `nodes`."""
    return Admission(
        nodes=nodes,
        path=process.settings.data / DIRECTORY / f"{reader}.sqlite",
        mode=next(mode for mode in MODES if mode == process.settings.nodes.admission),
        own_key=public_key_of(batch_signing_seed(process.secrets)),
    )
