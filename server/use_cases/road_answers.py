"""What is computed on roads, in WGS-84: places on roads, and legs with their geometry."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.roads.network import RoadNetwork
from geo.routing.positions import RoadPositions
from geo.routing.route import Route
from geo.routing.route_geometry import route_points


@dataclass(frozen=True, eq=False)
class SnappedPlaces:
    """``n`` places on roads, WGS-84.

    Parameters
    ----------
    positions
        The places on edges of the network.
    latitude_degrees, longitude_degrees
        ``(n,)`` float64 of the place on the road; NaN where there is none.
    road_names, osm_way_ids
        The roads; empty and 0 where there is none.
    """

    positions: RoadPositions
    latitude_degrees: NDArray[np.float64]
    longitude_degrees: NDArray[np.float64]
    road_names: tuple[str, ...]
    osm_way_ids: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class LegAnswer:
    """One leg of a computed route; ``latitude_degrees`` and ``longitude_degrees`` are ``(p,)`` float64, WGS-84."""

    duration_ms: int
    length_cm: int
    latitude_degrees: NDArray[np.float64]
    longitude_degrees: NDArray[np.float64]
    road_names: tuple[str, ...]


def leg_answer(network: RoadNetwork, route: Route) -> LegAnswer:
    """Draw a route.

    Parameters
    ----------
    network
        The network that it was found on.
    route
        The route.

    Returns
    -------
    LegAnswer
        The leg.
    """
    points = route_points(network, route)
    names = [network.names[name] for name in network.edge_name[route.edges]]
    changes = [name for number, name in enumerate(names) if name and (number == 0 or names[number - 1] != name)]
    return LegAnswer(route.duration_ms, route.length_cm, points[:, 0], points[:, 1], tuple(changes))


def snapped_places(network: RoadNetwork, positions: RoadPositions) -> SnappedPlaces:
    """Say where on the earth, and on which road, places on edges are."""
    latitude, longitude = edge_coordinates(network, positions.edge, positions.fraction)
    edges = [int(edge) for edge in positions.edge]
    return SnappedPlaces(
        positions=positions,
        latitude_degrees=latitude,
        longitude_degrees=longitude,
        road_names=tuple(network.names[network.edge_name[edge]] if edge >= 0 else "" for edge in edges),
        osm_way_ids=tuple(int(network.edge_way_id[edge]) if edge >= 0 else 0 for edge in edges),
    )


def edge_coordinates(
    network: RoadNetwork, edges: NDArray[np.int32], fractions: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return where on the earth places on edges are.

    Parameters
    ----------
    network
        The network.
    edges, fractions
        ``(n,)`` edges and shares of their lengths; edge ``-1`` is no place.

    Returns
    -------
    tuple[NDArray[np.float64], NDArray[np.float64]]
        ``(n,)`` latitudes and longitudes in degrees; NaN where there is no place.
    """
    places = np.full((len(edges), 2), np.nan)
    order = np.argsort(edges, kind="stable")
    # One piece per edge: points of a track are many, the edges that they lie on are few.
    for members in np.split(order, np.flatnonzero(np.diff(edges[order])) + 1):
        if len(members) and edges[members[0]] >= 0:
            places[members] = _places_along(network.edge_points(int(edges[members[0]])), fractions[members])
    return places[:, 0], places[:, 1]


def _places_along(points: NDArray[np.float64], fractions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the places at shares of a line's length, measured as `geo.routing.route_geometry` does."""
    steps = np.diff(points, axis=0) * (1.0, np.cos(np.radians(points[0, 0])))
    along = np.concatenate([[0.0], np.cumsum(np.hypot(steps[:, 0], steps[:, 1]))])
    wanted = fractions * along[-1]
    return np.column_stack([np.interp(wanted, along, points[:, 0]), np.interp(wanted, along, points[:, 1])])
