"""Imports a map file as a road network: checked, built, written as a whole, and then known to the store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from geo.errors import RoadFileError
from geo.roads.from_osm_file import import_osm_file
from geo.roads.import_report import ImportedNetwork
from geo.roads.profiles import PROFILES
from server.errors import (
    CancelledByCallerError,
    FieldViolation,
    InvalidRequestError,
    NotFoundError,
    Resource,
    ViolationCode,
    refuse,
)
from server.storage.records import OperationRecord, RoadNetworkRecord
from server.use_cases.keep_network import id_of_words, keep_network, network_violations
from server.use_cases.operations import OperationKind, RunningOperation
from server.use_cases.workshop import Workshop

SHARE_OF_READING = 0.5
"""Measured on Porto: reading the file takes as long as building the index that finds ways."""
MAX_PATH_BYTES = 255
MAP_SUFFIXES = (".osm.pbf", ".osm", ".osm.gz", ".osm.bz2")

OnProgress = Callable[[str, float], None]
"""Called from another thread with what is being done and the share that is done; may raise to stop the import."""


@dataclass(frozen=True)
class ImportRequest:
    """A map file to import.

    Parameters
    ----------
    source_file
        The file.
    profile
        How the network's users travel.
    road_network_id
        Id that the network shall have; empty: made from the file name and the profile.
    label
        The caller's label.
    """

    source_file: Path
    profile: str
    road_network_id: str = ""
    label: str = ""

    @property
    def effective_id(self) -> str:
        """The id, made from file name and profile where none is given."""
        return self.road_network_id or id_of_words(self.source_file.name.partition(".")[0], self.profile)


def _no_progress(_stage: str, _share: float) -> None:
    pass


async def import_road_network(
    workshop: Workshop, request: ImportRequest, *, on_progress: OnProgress = _no_progress
) -> RoadNetworkRecord:
    """Import a map file and wait for it.

    Parameters
    ----------
    workshop
        The service's tools.
    request
        The file, anywhere on this machine.
    on_progress
        Called from another thread.

    Returns
    -------
    RoadNetworkRecord
        The network; the one that is there already where the same map was imported before.

    Raises
    ------
    InvalidRequestError
        With every broken rule; also where the file is no map or is truncated.
    AlreadyExistsError
        The id is taken by another map.
    """
    _check(request)
    imported = await workshop.threads.compute(
        _read, request, lambda stage, share: on_progress(stage, SHARE_OF_READING * share)
    )
    return await keep_network(
        workshop,
        imported,
        network_id=request.effective_id,
        source=request.source_file.name,
        on_progress=lambda share: on_progress("preparing routes", SHARE_OF_READING + (1.0 - SHARE_OF_READING) * share),
    )


async def start_import(
    workshop: Workshop, request: ImportRequest, *, unreadable: Sequence[FieldViolation] = ()
) -> OperationRecord:
    """Start the import of a file inside the service's folder for map files.

    Parameters
    ----------
    workshop
        The service's tools.
    request
        The file, relative to that folder.
    unreadable
        What cannot be read of the request.

    Returns
    -------
    OperationRecord
        The operation; its result is the road network.

    Raises
    ------
    InvalidRequestError
        With every broken rule.
    NotFoundError
        There is no such file.
    """
    folder = workshop.settings.map_folder.resolve()
    name = str(request.source_file)
    is_readable = all(violation.field != "source_file" for violation in unreadable)
    if not is_readable or len(name.encode()) > MAX_PATH_BYTES:  # the file system would refuse to look
        rule = f"must be a path of at most {MAX_PATH_BYTES} bytes"
        _check(request, FieldViolation("source_file", ViolationCode.MALFORMED, rule), unreadable=unreadable)
    inside = ImportRequest(
        (folder / request.source_file).resolve(), request.profile, request.effective_id, request.label
    )
    if request.source_file.is_absolute() or not inside.source_file.is_relative_to(folder):
        rule = "must be a relative path inside the service's folder for map files"
        _check(inside, FieldViolation("source_file", ViolationCode.MALFORMED, rule), unreadable=unreadable)
    _check(inside, unreadable=unreadable)
    if not inside.source_file.is_file():
        raise NotFoundError(Resource.MAP_FILE, request.source_file.name, field="source_file")
    loop = asyncio.get_running_loop()

    async def work(operation: RunningOperation) -> None:
        def on_progress(stage: str, share: float) -> None:
            if operation.stop_asked.is_set():
                raise CancelledByCallerError
            loop.call_soon_threadsafe(operation.report, share, stage)

        network = await import_road_network(workshop, inside, on_progress=on_progress)
        operation.name_result(network.id)

    return await workshop.operations.start(OperationKind.IMPORT_ROAD_NETWORK, request.label, work)


def _check(request: ImportRequest, *others: FieldViolation, unreadable: Sequence[FieldViolation] = ()) -> None:
    violations = list(others)
    if not request.source_file.name.endswith(MAP_SUFFIXES):
        violations.append(
            FieldViolation(
                "source_file", ViolationCode.UNKNOWN_VALUE, f"must end with one of {', '.join(MAP_SUFFIXES)}"
            )
        )
    violations += network_violations(request.effective_id, request.profile)
    refuse(unreadable, violations)


def _read(request: ImportRequest, on_progress: OnProgress) -> ImportedNetwork:
    try:
        return import_osm_file(request.source_file, PROFILES[request.profile], on_progress=on_progress)
    except RoadFileError as error:
        raise InvalidRequestError((FieldViolation("source_file", ViolationCode.MALFORMED, str(error)),)) from error
