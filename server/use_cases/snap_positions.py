"""Lays positions on the nearest roads."""

from __future__ import annotations

from server.compute.open_networks import OpenNetwork
from server.use_cases.places_request import PlacesField, PlacesRequest, lay_request
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
    field = PlacesField("positions", request.places, least=1, most=MAX_SNAP_POSITIONS)
    laid = await lay_request(workshop, request, [field], is_road_needed=False)
    positions = laid.laid[0].positions
    return await workshop.threads.compute(snapped_places, laid.opened.network, positions), laid.opened
