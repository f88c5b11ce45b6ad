"""Imports a map file as a road network: checked, built, written as a whole, and then known to the store."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from geo.errors import RoadFileError
from geo.roads.from_osm_file import import_osm_file
from geo.roads.network import EdgeFlag, RoadNetwork
from geo.roads.network_file import write_network
from geo.roads.profiles import PROFILES
from server.errors import (
    AlreadyExistsError,
    CancelledByCallerError,
    FieldViolation,
    InvalidRequestError,
    NotFoundError,
    Resource,
)
from server.storage.records import OperationRecord, RoadNetworkRecord
from server.use_cases.identity import now_ms
from server.use_cases.operations import OperationKind, RunningOperation
from server.use_cases.workshop import Workshop

MAP_SUFFIXES = (".osm.pbf", ".osm", ".osm.gz", ".osm.bz2")
MAX_ID_LENGTH = 63
_ID_PATTERN = re.compile(rf"[a-z][a-z0-9-]{{0,{MAX_ID_LENGTH - 1}}}")

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
        if self.road_network_id:
            return self.road_network_id
        stem = self.source_file.name.partition(".")[0].lower()
        words = re.sub(r"[^a-z0-9]+", "-", f"{stem}-{self.profile}").strip("-")
        return (words if words[:1].isalpha() else f"map-{words}")[:MAX_ID_LENGTH]


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
    folder = workshop.settings.network_folder / request.effective_id
    network = await workshop.threads.compute(_read, request, on_progress)
    known = await workshop.threads.store(workshop.store.road_networks.get, request.effective_id)
    if known is None:
        await workshop.threads.compute(write_network, network, folder)
        record = await workshop.threads.compute(_record, request, network)
        known = await workshop.threads.store(workshop.store.road_networks.add, record)
    if known.fingerprint != network.fingerprint:
        raise AlreadyExistsError(Resource.ROAD_NETWORK, request.effective_id)
    return known


async def start_import(workshop: Workshop, request: ImportRequest) -> OperationRecord:
    """Start the import of a file inside the service's folder for map files.

    Parameters
    ----------
    workshop
        The service's tools.
    request
        The file, relative to that folder.

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
    inside = ImportRequest(
        _inside_map_folder(workshop, request.source_file), request.profile, request.effective_id, request.label
    )
    _check(inside)
    if not inside.source_file.is_file():
        raise NotFoundError(Resource.MAP_FILE, request.source_file.name)
    loop = asyncio.get_running_loop()

    async def work(operation: RunningOperation) -> None:
        def on_progress(stage: str, share: float) -> None:
            if operation.stop_asked.is_set():
                raise CancelledByCallerError
            loop.call_soon_threadsafe(operation.report, share, stage)

        network = await import_road_network(workshop, inside, on_progress=on_progress)
        operation.name_result(network.id)

    return await workshop.operations.start(OperationKind.IMPORT_ROAD_NETWORK, request.label, work)


def _inside_map_folder(workshop: Workshop, source_file: Path) -> Path:
    folder = workshop.settings.map_folder.resolve()
    path = (folder / source_file).resolve()
    if source_file.is_absolute() or not path.is_relative_to(folder):
        rule = "must be a relative path inside the service's folder for map files"
        raise InvalidRequestError((FieldViolation("source_file", rule),))
    return path


def _check(request: ImportRequest) -> None:
    violations = []
    if not request.source_file.name.endswith(MAP_SUFFIXES):
        violations.append(FieldViolation("source_file", f"must end with one of {', '.join(MAP_SUFFIXES)}"))
    if request.profile not in PROFILES:
        known = ", ".join(PROFILES)
        violations.append(FieldViolation("profile", f"must be one of {known} (got {request.profile!r})"))
    if not _ID_PATTERN.fullmatch(request.effective_id):
        rule = f"must be 1 to {MAX_ID_LENGTH} lower-case letters, digits and hyphens, starting with a letter"
        violations.append(FieldViolation("road_network_id", rule))
    if violations:
        raise InvalidRequestError(tuple(violations))


def _read(request: ImportRequest, on_progress: OnProgress) -> RoadNetwork:
    try:
        return import_osm_file(request.source_file, PROFILES[request.profile], on_progress=on_progress).network
    except RoadFileError as error:
        raise InvalidRequestError((FieldViolation("source_file", str(error)),)) from error


def _record(request: ImportRequest, network: RoadNetwork) -> RoadNetworkRecord:
    latitude, longitude = network.shape_latitude_degrees, network.shape_longitude_degrees
    return RoadNetworkRecord(
        id=request.effective_id,
        profile=network.profile,
        fingerprint=network.fingerprint,
        source=request.source_file.name,
        import_ms=now_ms(),
        node_count=network.node_count,
        edge_count=network.edge_count,
        road_length_m=_road_length_m(network),
        south_degrees=float(latitude.min()),
        west_degrees=float(longitude.min()),
        north_degrees=float(latitude.max()),
        east_degrees=float(longitude.max()),
    )


def _road_length_m(network: RoadNetwork) -> float:
    """Length of the roads that may be used in at least one direction, each counted once."""
    usable = np.flatnonzero((network.edge_flags & EdgeFlag.FORBIDDEN) == 0)
    is_counted = (network.edge_reverse[usable] > usable) | (
        (network.edge_flags[network.edge_reverse[usable]] & EdgeFlag.FORBIDDEN) != 0
    )
    return float(network.edge_length_cm[usable[is_counted]].sum(dtype=np.int64)) / 100.0
