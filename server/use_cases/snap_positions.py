"""Lays positions on the nearest roads."""

from __future__ import annotations

from server.compute.open_networks import OpenNetwork
from server.use_cases.places import lay_on_road, open_road_network, to_earth
from server.use_cases.places_request import PlacesRequest, check_places, field_paths
from server.use_cases.road_answers import SnappedPlaces, snapped_places
from server.use_cases.workshop import Workshop

MAX_SNAP_POSITIONS = 10_000


async def snap_positions(workshop: Workshop, request: PlacesRequest) -> tuple[SnappedPlaces, OpenNetwork]:
    """Lay positions on the nearest roads; one without a road within the radius is marked, not refused.

    Parameters
    ----------
    workshop
        The service's tools.
    request
        The network and the positions (one to ten thousand).

    Returns
    -------
    tuple[SnappedPlaces, OpenNetwork]
        The places on the road, and the network.

    Raises
    ------
    InvalidRequestError
        With every broken rule.
    NotFoundError
        There is no such network.
    """
    check_places(request, "positions", request.places, least=1, most=MAX_SNAP_POSITIONS)
    opened = await open_road_network(workshop, request.road_network)

    def snapped() -> SnappedPlaces:
        places = to_earth(request.places, field_paths("positions", request.places), request.coordinate_system)
        laid = lay_on_road(opened, places, radius_m=request.max_snap_distance_m)
        return snapped_places(opened.network, laid.positions)

    return await workshop.threads.compute(snapped), opened
