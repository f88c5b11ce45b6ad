"""Keeps an imported road network: written as a whole under its id, and then known to the store."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

import numpy as np

from geo.roads.import_findings import import_counts
from geo.roads.import_report import ImportedNetwork
from geo.roads.network import EdgeFlag, RoadNetwork
from geo.roads.profiles import PROFILES
from server.compute.network_folder import write_network_folder
from server.errors import AlreadyExistsError, FieldViolation, Resource, ViolationCode
from server.storage.records import RoadNetworkRecord
from server.use_cases.identity import now_ms
from server.use_cases.workshop import Workshop

MAX_ID_LENGTH = 63
_ID_PATTERN = re.compile(rf"[a-z][a-z0-9-]{{0,{MAX_ID_LENGTH - 1}}}")


def id_of_words(name: str, profile: str) -> str:
    """Make the id of a network from the name of its source and its profile.

    Parameters
    ----------
    name, profile
        For example ``Kamppi, Helsinki`` and ``foot``.

    Returns
    -------
    str
        For example ``kamppi-helsinki-foot``.
    """
    words = re.sub(r"[^a-z0-9]+", "-", f"{name.lower()}-{profile}").strip("-")
    return (words if words[:1].isalpha() else f"map-{words}")[:MAX_ID_LENGTH]


def network_violations(network_id: str, profile: str) -> Iterator[FieldViolation]:
    """Find what is wrong with the id and the profile of a network that is to be made.

    Parameters
    ----------
    network_id, profile
        What is asked for.

    Yields
    ------
    FieldViolation
        Every broken rule.
    """
    if profile not in PROFILES:
        yield FieldViolation(
            "profile", ViolationCode.UNKNOWN_VALUE, f"must be one of {', '.join(PROFILES)} (got {profile!r})"
        )
    if not _ID_PATTERN.fullmatch(network_id):
        rule = f"must be 1 to {MAX_ID_LENGTH} lower-case letters, digits and hyphens, starting with a letter"
        yield FieldViolation("road_network_id", ViolationCode.MALFORMED, rule)


async def keep_network(
    workshop: Workshop,
    imported: ImportedNetwork,
    *,
    network_id: str,
    source: str,
    on_progress: Callable[[float], None] | None = None,
) -> RoadNetworkRecord:
    """Keep a road network, with the indices that answering needs.

    Parameters
    ----------
    workshop
        The service's tools.
    imported
        The network, with the report of its import.
    network_id
        A valid id.
    source
        What it was made from, for people.
    on_progress
        Called from another thread with the share done, in [0, 1]; may raise to stop.

    Returns
    -------
    RoadNetworkRecord
        The network as it is known; the one that is there already where the same one was kept before.

    Raises
    ------
    AlreadyExistsError
        The id is taken by another map.
    """
    network = imported.network
    async with workshop.keeping_network:
        known = await workshop.threads.store(workshop.store.road_networks.get, network_id)
        if known is None:
            folder = workshop.settings.network_folder / network_id
            await workshop.threads.compute(write_network_folder, network, folder, on_progress=on_progress)
            record = await workshop.threads.compute(_record, imported, network_id, source)
            known = await workshop.threads.store(workshop.store.road_networks.add, record)
    if known.fingerprint != network.fingerprint:
        raise AlreadyExistsError(Resource.ROAD_NETWORK, network_id)
    return known


def _record(imported: ImportedNetwork, network_id: str, source: str) -> RoadNetworkRecord:
    network = imported.network
    latitude, longitude = network.shape_latitude_degrees, network.shape_longitude_degrees
    return RoadNetworkRecord(
        id=network_id,
        profile=network.profile,
        fingerprint=network.fingerprint,
        source=source,
        import_ms=now_ms(),
        node_count=network.node_count,
        edge_count=network.edge_count,
        road_length_m=_road_length_m(network),
        south_degrees=float(latitude.min()),
        west_degrees=float(longitude.min()),
        north_degrees=float(latitude.max()),
        east_degrees=float(longitude.max()),
        import_counts=json.dumps(import_counts(imported.report)),
    )


def _road_length_m(network: RoadNetwork) -> float:
    """Length of the roads that may be used in at least one direction, each counted once."""
    usable = np.flatnonzero((network.edge_flags & EdgeFlag.FORBIDDEN) == 0)
    is_counted = (network.edge_reverse[usable] > usable) | (
        (network.edge_flags[network.edge_reverse[usable]] & EdgeFlag.FORBIDDEN) != 0
    )
    return float(network.edge_length_cm[usable[is_counted]].sum(dtype=np.int64)) / 100.0
