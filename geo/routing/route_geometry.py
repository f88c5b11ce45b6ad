"""Draw a route: its path as points on the map."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geo.roads.network import RoadNetwork
from geo.routing.route import Route
from geo.routing.route_geometry_kernels import EdgeLines, trace_path


def route_points(network: RoadNetwork, route: Route) -> NDArray[np.float64]:
    """Points of a route from its origin to its destination.

    Parameters
    ----------
    network
        The network that the route was found on.
    route
        The route.

    Returns
    -------
    NDArray[np.float64]
        ``(p, 2)`` latitude and longitude in degrees, ``p`` at least 2; no point is repeated from one edge to the next.
    """
    return trace_path(EdgeLines(*network.edge_lines), route.edges, route.first_fraction, route.last_fraction)
