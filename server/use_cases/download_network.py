"""Downloads the roads of a place through OSMnx and keeps them as a network: the one use case that needs internet."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from geo.errors import RoadFileError
from geo.roads.from_osmnx import download_osmnx_graph, import_osmnx_graph
from geo.roads.import_report import ImportedNetwork
from geo.roads.profiles import PROFILES
from server.errors import FieldViolation, InvalidRequestError, ViolationCode
from server.storage.records import RoadNetworkRecord
from server.use_cases.keep_network import id_of_words, keep_network, network_violations
from server.use_cases.workshop import Workshop

if TYPE_CHECKING:  # loading it takes longer than many a command
    import networkx as nx

Download = Callable[[str], "nx.MultiDiGraph"]


async def download_road_network(
    workshop: Workshop,
    place: str,
    *,
    profile: str,
    network_id: str = "",
    download: Download = download_osmnx_graph,
) -> RoadNetworkRecord:
    """Download the roads of a place.

    Parameters
    ----------
    workshop
        The service's tools.
    place
        A name that Nominatim knows, for example ``Kamppi, Helsinki``.
    profile
        Who travels.
    network_id
        Id that the network shall have; empty: made from the place and the profile.
    download
        Gets the graph of a place.

    Returns
    -------
    RoadNetworkRecord
        The network; the one that is there already where the same roads were downloaded before.

    Raises
    ------
    InvalidRequestError
        With every broken rule; also where the place is not known or has no usable road.
    DownloadError
        There is no internet, or who offers the roads does not answer.
    AlreadyExistsError
        The id is taken by another map.
    """
    network_id = network_id or id_of_words(place, profile)
    violations = tuple(network_violations(network_id, profile))
    if violations:
        raise InvalidRequestError(violations)

    def get() -> ImportedNetwork:
        try:
            return import_osmnx_graph(download(place), PROFILES[profile])
        except RoadFileError as error:
            raise InvalidRequestError(
                (FieldViolation("place", ViolationCode.UNKNOWN_REFERENCE, str(error)),)
            ) from error

    imported = await workshop.threads.compute(get)
    return await keep_network(workshop, imported, network_id=network_id, source=f"OSMnx: {place}")
