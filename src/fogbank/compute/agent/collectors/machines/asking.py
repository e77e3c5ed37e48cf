"""Asking libvirt: all domains in one question, which may hang as long as it likes.

Figures for which libvirt has to ask each guest's QEMU are left out where nothing needs them: they cost milliseconds a
domain, and a guest that hangs would hang the answer.
"""

import importlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fogbank.compute.agent.collectors import ExtraMissing
from fogbank.compute.agent.collectors.machines.domains import Description, Figures, description_of


class LibvirtFailed(Exception):
    """libvirt refuses, or is not there; the text is its own."""


@dataclass(frozen=True, slots=True)
class Told:
    """What libvirt told: of each domain by UUID its libvirt id and its figures, and the descriptions of some."""

    figures: Mapping[str, tuple[int, Figures]]
    descriptions: Mapping[str, Description]


class Libvirt:
    """A read-only connection, made when it is first needed and again after it broke. Threads may share it."""

    def __init__(self, uri: str) -> None:
        """`ExtraMissing` where the extra is not installed."""
        try:
            self._library: Any = importlib.import_module("libvirt")
        except ImportError as error:
            raise ExtraMissing("Domains of libvirt", "libvirt") from error
        # It would print every error to standard error too; here they are raised.
        self._library.registerErrorHandler(lambda *_: None, None)
        self.uri = uri
        self._connection: Any = None

    def tell(self, known: Mapping[str, int], again: Collection[str], needs: Iterable[Description]) -> Told:
        """All domains that run. Described are those not `known` by their libvirt id, and those to describe `again`.

        `needs` are the descriptions that decide which figures are asked for. `LibvirtFailed` where libvirt fails.
        """
        try:
            wanted = self._wanted(needs)
            domains = self._domains(wanted)
            descriptions = dict(self._described(domains, known, again))
            if (now_wanted := wanted | self._wanted(descriptions.values())) != wanted:
                domains = self._domains(now_wanted)
        except self._library.libvirtError as error:
            self._connection = None
            raise LibvirtFailed(str(error)) from error
        return Told(
            {uuid: (domain.ID(), figures) for uuid, (domain, figures) in domains.items()},
            {uuid: each for uuid, each in descriptions.items() if uuid in domains},
        )

    def _described(
        self, domains: Mapping[str, tuple[Any, Figures]], known: Mapping[str, int], again: Collection[str]
    ) -> Iterator[tuple[str, Description]]:
        for uuid, (domain, _) in domains.items():
            if known.get(uuid) != domain.ID() or uuid in again:
                try:
                    yield uuid, description_of(domain.XMLDesc())
                except self._library.libvirtError as error:
                    if error.get_error_code() != self._library.VIR_ERR_NO_DOMAIN:
                        raise
                    # It ended meanwhile.

    def _domains(self, wanted: int) -> dict[str, tuple[Any, Figures]]:
        if self._connection is None:
            self._connection = self._library.openReadOnly(self.uri)
        # Without waiting: of a guest whose QEMU is busy with another question, libvirt then says what it knows itself.
        flags = (
            self._library.VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE
            | self._library.VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT
        )
        told = self._connection.getAllDomainStats(wanted, flags)
        return {domain.UUIDString(): (domain, figures) for domain, figures in told}

    def _wanted(self, needs: Iterable[Description]) -> int:
        wanted: int = self._library.VIR_DOMAIN_STATS_CPU_TOTAL | self._library.VIR_DOMAIN_STATS_BALLOON
        for each in needs:
            wanted |= self._library.VIR_DOMAIN_STATS_INTERFACE if each.others else 0
            wanted |= self._library.VIR_DOMAIN_STATS_BLOCK if each.volumes else 0
        return wanted
