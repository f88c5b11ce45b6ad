"""Lays positions on the nearest roads, and says how well that could be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.roads.snapping import SnapState
from server.errors import FieldViolation
from server.use_cases.notices import Notice, NoticeCode
from server.use_cases.places import FAR_FROM_ROAD_M, coordinate_doubts, to_earth
from server.use_cases.places_request import LaidRequest, PlacesField, PlacesRequest, lay_request
from server.use_cases.road_answers import SnappedPlaces, snapped_places
from server.use_cases.workshop import Workshop

MAX_SNAP_POSITIONS = 10_000


@dataclass(frozen=True, eq=False)
class SnapAnswer:
    """Positions on roads.

    Parameters
    ----------
    places
        Where each position was laid on a road.
    state
        ``(n,)`` uint8 (`SnapState`): how well.
    nearest_routable
        The nearest place of the largest part of the network to each.
    network_fingerprint
        Of the network.
    notices
        About positions far from their road, on islands and without a road, and about the coordinate system.
    """

    places: SnappedPlaces
    state: NDArray[np.uint8]
    nearest_routable: SnappedPlaces
    network_fingerprint: str
    notices: tuple[Notice, ...]


async def snap_positions(
    workshop: Workshop, request: PlacesRequest, *, unreadable: Sequence[FieldViolation] = ()
) -> SnapAnswer:
    """Lay positions on the nearest roads; one without a road within the radius is marked, not refused.

    Parameters
    ----------
    workshop
        The service's tools.
    request
        The network and the positions (one to ten thousand).
    unreadable
        What cannot be read of the request.

    Returns
    -------
    SnapAnswer
        The places on the road, in WGS-84.

    Raises
    ------
    InvalidRequestError
        With every broken rule.
    NotFoundError
        There is no such network.
    """
    field = PlacesField("positions", request.places, least=1, most=MAX_SNAP_POSITIONS)
    laid = await lay_request(workshop, request, [field], unreadable=unreadable, without_road=field.paths)
    return await workshop.threads.compute(_snap_answer, laid, field, request.max_snap_distance_m)


def _snap_answer(request: LaidRequest, field: PlacesField, radius_m: float) -> SnapAnswer:
    opened, paths, system = request.opened, field.paths, request.coordinate_system
    places = to_earth(field.places, paths, system)
    findings = opened.snapper.explain(places.latitude_degrees, places.longitude_degrees, radius_m=radius_m)
    is_odd = (findings.state != SnapState.ON_ROAD) | (findings.positions.distance_m > FAR_FROM_ROAD_M)
    notices = [
        Notice(NoticeCode.FAR_FROM_ROAD, paths[place], f"{findings.sentence(place)} (road network {opened.id!r})")
        for place in np.flatnonzero(is_odd).tolist()
    ]
    doubts = coordinate_doubts(opened, field.places, declared=system, path="coordinate_system")
    return SnapAnswer(
        places=snapped_places(opened.network, findings.positions),
        state=findings.state,
        nearest_routable=snapped_places(opened.network, findings.nearest_routable),
        network_fingerprint=opened.network.fingerprint,
        notices=(*notices, *doubts),
    )
